#pragma once

#include <cstdint>
#include <string_view>

namespace fabric::daemon {

/// Writes a daemon's log without ever waiting for its reader: a line for which there is no room
/// now, or that cannot be written, is dropped and counted, and the count is said before the next
/// line that is written. Not thread-safe.
class daemon_log {
 public:
  explicit daemon_log(int fd) : fd_(fd) {}

  /// With its end of line.
  void write(std::string_view line);
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  bool put(std::string_view text);

  const int fd_;
  std::uint64_t dropped_ = 0;
  bool is_torn_ = false;  ///< the last line was written in part
};

}  // namespace fabric::daemon
