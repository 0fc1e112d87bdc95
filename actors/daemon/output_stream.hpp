#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>

#include "actors/head_connection.hpp"
#include "transport/work.hpp"

namespace fabric::daemon {

/// One stream of a task's output, read piece by piece from wherever the task runs. Owned and called
/// by one thread; answers come through `post`, which must bring them back to that thread.
class output_stream {
 public:
  using answer = result<transport::message>;
  using poster = std::function<void(std::uint8_t stream, answer)>;
  using writer = std::function<void(const std::string& piece)>;

  output_stream(actors::head_connection& head, task_id task, std::uint8_t number, writer write,
                poster post);

  /// Asks for the next piece, unless one is asked for already or all is read.
  void ask(duration wait);
  /// Begin `bytes` before the end instead of at the beginning.
  void begin_from_end(std::uint64_t bytes);
  /// Writes what came. Answers false where the piece was empty and the task has not started or said
  /// nothing new (ask again after a pause). Faults are kept in `failure`.
  bool take(answer what);
  /// Writes the rest from a report where the report holds all of it.
  void finish_from(const transport::task_report& report);
  /// How many bytes of the stream were written or passed over.
  [[nodiscard]] std::uint64_t position() const { return offset_; }

  [[nodiscard]] bool is_complete() const { return complete_; }
  [[nodiscard]] const std::optional<fault>& failure() const { return failure_; }

 private:
  actors::head_connection* head_;
  task_id task_;
  std::uint8_t number_;
  writer write_;
  poster post_;
  attempt_number attempt_ = 0;
  std::uint64_t offset_ = 0;
  bool from_end_ = false;
  bool asked_ = false;
  bool complete_ = false;
  std::optional<fault> failure_;
};

/// Writes each piece to the file at once.
output_stream::writer to_file(std::FILE* file);

/// A line on stderr where a stream of `bytes` was kept, and so printed, only up to `position`.
void say_what_is_missing(std::uint64_t position, std::uint64_t bytes, const std::string& detail);

}  // namespace fabric::daemon
