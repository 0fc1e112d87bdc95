#include "actors/daemon/live_output.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "actors/daemon/print.hpp"
#include "actors/daemon/standard_output.hpp"

namespace fabric::daemon {

namespace {

constexpr duration wait_for_output = std::chrono::seconds{5};

/// How long the rest of a finished task's output is asked for: nodes join a restarted head again
/// within about half of this.
constexpr duration rest_patience = std::chrono::seconds{10};

void write_error(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

live_output::live_output(actors::head_connection& head, task_id task, const poster& post)
    : out_(head, task, 1,
           {.post = post,
            .write = write_output,
            .attempt_changed = [this](auto left, auto now) { say_change(left, now); }}),
      err_(head, task, 2,
           {.post = post, .write = write_error, .attempt_changed = [this](auto left, auto now) {
              say_change(left, now);
            }}) {}

void live_output::ask(instant now) {
  out_.ask(wait_for_output, now);
  err_.ask(wait_for_output, now);
}

void live_output::take(std::uint8_t stream, output_stream::answer what, instant now) {
  (stream == 2 ? err_ : out_).take(std::move(what), now);
}

void live_output::finish(attempt_number last, const transport::task_report& report, instant now) {
  finished_at_ = now;
  out_.finish(last, report);
  err_.finish(last, report);
}

std::optional<fault> live_output::lost_rest(instant now) const {
  for (const auto* stream : {&out_, &err_}) {
    if (stream->is_complete()) continue;
    if (stream->failure()) return stream->failure();
    if (stream->trouble() && now - std::max(stream->trouble_since(), finished_at_) > rest_patience)
      return stream->trouble();
  }
  return std::nullopt;
}

void live_output::say_what_is_missing(const transport::task_report& report) const {
  daemon::say_what_is_missing(out_.at().position(), report.stdout_bytes, report.detail);
  daemon::say_what_is_missing(err_.at().position(), report.stderr_bytes, report.detail);
}

void live_output::say_change(attempt_number left, attempt_number now) {
  if (std::exchange(said_, now) == now) return;  // the other stream has said it
  remark({fault_code::node_lost, "attempt " + std::to_string(left) + " was lost",
          "attempt " + std::to_string(now) + " is shown from its start"});
}

}  // namespace fabric::daemon
