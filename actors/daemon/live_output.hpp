#pragma once

#include <optional>

#include "actors/daemon/output_stream.hpp"

namespace fabric::daemon {

/// Both streams of a task as they come, on standard output and standard error of our own.
class live_output {
 public:
  using poster = std::function<void(std::uint8_t stream, output_stream::answer)>;

  live_output(actors::head_connection& head, task_id task, const poster& post);

  void ask(instant now);
  void take(std::uint8_t stream, output_stream::answer what, instant now);
  void finish(attempt_number last, const transport::task_report& report, instant now);

  [[nodiscard]] bool is_complete() const { return out_.is_complete() && err_.is_complete(); }
  /// After `finish`: the rest is not to be had. Where a node or the head is away for now, only once
  /// that has lasted.
  [[nodiscard]] std::optional<fault> lost_rest(instant now) const;
  void say_what_is_missing(const transport::task_report& report) const;

 private:
  void say_change(attempt_number left, attempt_number now);

  attempt_number said_ = 0;
  instant finished_at_ = never;
  output_stream out_;
  output_stream err_;
};

}  // namespace fabric::daemon
