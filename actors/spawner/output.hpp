#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "actors/spawner/log_file.hpp"
#include "actors/spawner/tail.hpp"
#include "actors/spawner/unique_fd.hpp"

namespace fabric::spawner {

/// What a task writes to its stdout or stderr: out of the pipe, into the tail and the log file.
class output {
 public:
  output(unique_fd pipe, log_file log, std::size_t tail_bytes_max);

  [[nodiscard]] int pipe() const { return pipe_.get(); }  ///< -1 once the stream is closed

  /// One read, so that a task that writes a lot does not keep the others waiting. Closes the pipe
  /// when nobody can write to it any more.
  void read_once(std::span<char> scratch);

  /// Takes what is in the pipe now and closes it; does not wait for a writer that is still there.
  void finish(std::span<char> scratch);

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::string last_bytes() const { return tail_.text(); }

  /// "12 bytes of stdout were not kept on disk: No space left on device", or nothing.
  [[nodiscard]] std::string loss(std::string_view name) const;

 private:
  unique_fd pipe_;
  log_file log_;
  tail tail_;
  std::uint64_t bytes_ = 0;
};

}  // namespace fabric::spawner
