#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "actors/daemon/output_cursor.hpp"
#include "actors/daemon/output_gaps.hpp"
#include "actors/head_connection.hpp"

namespace fabric::daemon {

/// One stream of a task's output, read piece by piece from wherever the task runs. Owned and called
/// by one thread; answers come through `post`, which must bring them back to that thread.
///
/// Where nothing is to be had for now (the task waits, its node or the head is away) it asks again
/// and again; the owner decides when that is to end.
class output_stream {
 public:
  using answer = result<transport::message>;
  struct reader {
    std::function<void(std::uint8_t stream, answer)> post;
    std::function<void(const std::string& text)> write;
    /// The attempt was given up for a later one, from whose start is read now.
    std::function<void(attempt_number left, attempt_number now)> attempt_changed;
    std::function<void(std::uint64_t bytes)> lost = [](std::uint64_t) {};
  };

  output_stream(actors::head_connection& head, task_id task, std::uint8_t number, reader to);

  /// Goes on from here instead of the beginning.
  void begin_at(attempt_number attempt, std::uint64_t offset) { at_.begin_at(attempt, offset); }
  /// Asks for the next piece, unless one is asked for already, all is read, or a pause is due.
  /// Where nothing is wrong the node answers when there is something, `wait` later at the latest.
  void ask(duration wait, instant now);
  void take(answer what, instant now);

  /// The task ended with this attempt; the report may hold what was not read yet.
  void finish(attempt_number last);
  void finish(attempt_number last, const transport::task_report& report);

  [[nodiscard]] const output_cursor& at() const { return at_; }
  [[nodiscard]] bool is_complete() const { return at_.is_complete(); }
  /// The last answer brought nothing new.
  [[nodiscard]] bool is_idle() const { return pause_.count() != 0; }
  /// Nothing more will come, and why.
  [[nodiscard]] const std::optional<fault>& failure() const { return failure_; }
  /// The last answer was this fault, which may pass by itself.
  [[nodiscard]] const std::optional<fault>& trouble() const { return trouble_; }
  [[nodiscard]] instant trouble_since() const { return trouble_since_; }

 private:
  void failed(fault why, instant now);
  void show(const output_cursor::step& what);
  /// Twice the last one, within bounds.
  void pause_from(instant now, duration shortest);
  [[nodiscard]] bool came_early(instant now) const;

  actors::head_connection* head_;
  task_id task_;
  output_cursor at_;
  reader to_;
  output_gaps gaps_;
  bool asked_ = false;
  instant asked_at_{};
  duration patience_{0};
  /// Something was wrong, or the task is not running: another attempt may be the next to answer.
  bool unsettled_ = false;
  duration pause_{0};
  instant next_{};
  std::optional<fault> trouble_;
  instant trouble_since_ = never;
  std::optional<fault> failure_;
};

/// A line on stderr where a stream of `bytes` was kept, and so shown, only up to `position`.
void say_what_is_missing(std::uint64_t position, std::uint64_t bytes, const std::string& detail);

}  // namespace fabric::daemon
