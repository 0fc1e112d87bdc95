#include "actors/daemon/log_reading.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "actors/clock.hpp"

namespace fabric::daemon {

namespace {

/// Of text in a JSON document.
constexpr std::size_t document_bytes_max = 64 << 20;

/// Bytes looked at from the end for `--tail`; lines longer than this in all are cut at the front.
constexpr std::uint64_t tail_bytes_max = 1 << 20;

/// How long output of a task that is over is asked for after it was to be had: nodes join a
/// restarted head again within about half of this.
constexpr duration rest_patience = std::chrono::seconds{10};

/// Where the last `lines` lines begin. A line feed at the very end ends the last of them.
std::size_t begin_of_last(const std::string& text, int lines) {
  if (lines == 0) return text.size();
  for (std::size_t i = text.size(); i > 0; --i)
    if (text[i - 1] == '\n' && i != text.size() && --lines == 0) return i;
  return 0;
}

/// All that is known of the task; nothing where the head is away or does not know it.
std::optional<json> facts_of(client_session& session, task_id task) {
  auto known = session.ask("get", {{"id", to_string(task)}});
  if (!known) return std::nullopt;
  return std::move(*known);
}

bool is_over(const json& task) {
  const auto state = task.value("state", "");
  return state != "blocked" && state != "queued" && state != "backing_off" && state != "granted" &&
         state != "running";
}

/// An attempt was given up for a later one. Of a job with retries it may have failed.
void say_change(client_session& session, task_id task, attempt_number left, attempt_number now) {
  const auto known = facts_of(session, task);
  const bool failed =
      known && known->value("failures", 0U) > 0 && known->value("lost_attempts", 0U) == 0;
  remark({failed ? fault_code::task_failed : fault_code::node_lost,
          "attempt " + std::to_string(left) + (failed ? " failed" : " was lost"),
          "attempt " + std::to_string(now) + " is shown from its start"});
}

}  // namespace

log_reading::log_reading(client_session& session, task_id task, how_to_read how, shown& to)
    : session_(session),
      task_(task),
      how_(how),
      to_(to),
      before_({to.text.size(), to.missing}),
      stream_(*session.head, task, how.stream,
              {.post = [box = box_](auto, auto what) { box->put(std::move(what)); },
               .write = [this](const auto& text) { to_.write(text); },
               .attempt_changed =
                   [this](auto left, auto now) {
                     to_.cut_to(before_);
                     say_change(session_, task_, left, now);
                   },
               .lost = [this](auto bytes) { to_.missing += bytes; }}) {}

result<void> log_reading::begin_with_last(int lines) {
  auto got = last_piece();
  while (!got && how_.follow && advice_of(got.error().code) == retry_advice::later) {
    if (const auto known = facts_of(session_, task_); known && is_over(*known)) break;
    box_->take(std::chrono::milliseconds{500});
    got = last_piece();
  }
  if (!got) return std::move(got).error();
  to_.write(got->data.substr(begin_of_last(got->data, lines)));
  // Without data, as of a task that waits, the offset is what we asked for.
  stream_.begin_at(got->id.attempt, got->data.empty() ? 0 : got->offset + got->data.size());
  had_any_ = true;
  return {};
}

result<transport::log_chunk> log_reading::last_piece() {
  auto got = session_.head->call(transport::log_read{.id = {task_, 0},
                                                     .stream = how_.stream,
                                                     .offset = tail_bytes_max,
                                                     .from_end = true,
                                                     .bytes_max = tail_bytes_max},
                                 std::chrono::seconds{20});
  if (!got) return std::move(got).error();
  if (auto* chunk = std::get_if<transport::log_chunk>(&*got)) return std::move(*chunk);
  return fault{fault_code::unsupported, "the head answered with another message",
               "use a fabricd of the head's version"};
}

result<void> log_reading::read() {
  for (bool more = true; more && !stream_.is_complete() && output_works();) {
    stream_.ask(how_.follow ? duration{std::chrono::seconds{5}} : duration{0}, actors::now());
    auto what = box_->take(std::chrono::milliseconds{20});
    if (!what) continue;
    stream_.take(std::move(*what), actors::now());
    if (auto good = step(); !good) return good;
    more = how_.follow || !stream_.is_idle();
  }
  return {};
}

/// After each answer.
result<void> log_reading::step() {
  if (stream_.failure()) return *stream_.failure();
  if (to_.text.size() > document_bytes_max)
    return fault{fault_code::too_large, "the output is over 64 MiB, too much for one document",
                 "leave out --json, or add --tail"};
  if (how_.follow) return follow(actors::now());
  if (stream_.trouble()) return *stream_.trouble();
  return {};
}

/// Whether to go on: while the task is not over, and as long as a node or the head may come back.
result<void> log_reading::follow(instant now) {
  had_any_ = had_any_ || !stream_.trouble();
  if (!stream_.trouble() && !stream_.at().at_end()) return {};
  const auto known = facts_of(session_, task_);
  if (!known || !is_over(*known)) return {};
  stream_.finish(known->value("attempts", attempt_number{0}));
  if (!stream_.trouble()) return {};
  if (!had_any_ || now - stream_.trouble_since() > rest_patience) return *stream_.trouble();
  return {};
}

void log_reading::compare_with_report() {
  const auto known = facts_of(session_, task_);
  if (!known) return;
  const auto bytes = known->value(how_.stream == 2 ? "stderr_bytes" : "stdout_bytes", 0ULL);
  to_.missing += bytes - std::min<std::uint64_t>(bytes, stream_.at().position());
  say_what_is_missing(stream_.at().position(), bytes, known->value("detail", ""));
}

}  // namespace fabric::daemon
