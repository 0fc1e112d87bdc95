#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace fabric::bench {

/// A started program whose standard output is read here. It is asked to end when the thread that
/// started it does.
class program {
 public:
  /// Without `output` what it prints waits in a pipe, and holds it up where nobody looks for a
  /// word; else it goes to a new file of that name.
  program(std::vector<std::string> words, std::vector<std::string> environment,
          const std::string& output = {});
  ~program();  ///< kills it if it was not waited for
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// True once `word` was printed; false where the output ends, or `patience` is over, before.
  bool prints(const std::string& word, std::chrono::milliseconds patience);
  void terminate();
  /// The exit status, -1 where a signal ended it.
  int wait();

 private:
  pid_t pid_ = 0;
  int output_ = -1;
  bool is_file_ = false;
};

/// `pid` and all that descend from it now.
std::vector<int> family_of(int pid);

}  // namespace fabric::bench
