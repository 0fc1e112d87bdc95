#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace fabric::bench {

/// The other side of a case, in a process of its own as it would be in use. Make it before anything
/// starts a thread.
class server_process {
 public:
  /// `serve` runs in the new process: it calls its argument once with one line of text for us
  /// (where it listens, say), and goes on serving until it is killed.
  explicit server_process(
      const std::function<void(const std::function<void(const std::string&)>& ready)>& serve);
  ~server_process();  ///< kills it
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::string& line() const { return line_; }

 private:
  pid_t pid_ = 0;
  std::string line_;
};

}  // namespace fabric::bench
