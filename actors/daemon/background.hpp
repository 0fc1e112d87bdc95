#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fabric/result.hpp"

namespace fabric::daemon {

/// What a daemon that serves has to say: its result on standard output, notices on standard error.
struct announcement {
  std::string result;
  std::vector<std::string> notices;  ///< one line each, without its end
};

/// How a starting daemon tells its starter that it serves, or why it cannot.
class readiness {
 public:
  explicit readiness(int fd) : fd_(fd) {}

  /// The starter prints it and exits with 0. Standard output and error go to the log from here on.
  void serving(const announcement& what);
  /// The starter prints the fault and exits with its status.
  void failed(const fault& why);

 private:
  void tell(char kind, const std::string& text);
  int fd_;
};

/// Runs `daemon` in a session of its own, detached from the terminal, with standard streams on
/// `log_path`; waits until it serves or fails. Answers the starter's exit status; `daemon`'s answer
/// is the daemon's own.
int run_in_background(const std::string& log_path, const std::function<int(readiness&)>& daemon);

/// Runs it here: readiness is printed to standard output at once.
int run_in_foreground(const std::function<int(readiness&)>& daemon);

}  // namespace fabric::daemon
