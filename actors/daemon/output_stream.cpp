#include "actors/daemon/output_stream.hpp"

#include <algorithm>
#include <utility>

#include "actors/daemon/print.hpp"

namespace fabric::daemon {

namespace {

/// While there is nothing to read: soon enough for eyes, seldom enough for the head.
constexpr duration idle_pause = std::chrono::milliseconds{20};
constexpr duration trouble_pause = std::chrono::milliseconds{200};
constexpr duration longest_pause = std::chrono::milliseconds{500};

/// Faults of a head or node that is away or has too much to do for now.
bool may_pass(fault_code code) {
  return code == fault_code::unreachable || code == fault_code::timeout_unknown ||
         advice_of(code) == retry_advice::later;
}

void say_gap(std::uint64_t bytes) {
  if (bytes == 0) return;
  remark({fault_code::too_large,
          std::to_string(bytes) + " bytes of the output before this were not kept",
          "a node keeps the last 64 MiB of a stream; let the task write more into a file"});
}

}  // namespace

output_stream::output_stream(actors::head_connection& head, task_id task, std::uint8_t number,
                             reader to)
    : head_(&head), task_(task), at_(number), to_(std::move(to)) {}

void output_stream::ask(duration wait, instant now) {
  if (asked_ || is_complete() || failure_ || now < next_) return;
  asked_ = true;
  asked_at_ = now;
  // Another attempt may have less output than we have read of this one. Its node would wait for
  // more of it before we hear that it is another.
  patience_ = unsettled_ || at_.at_end() ? duration{0} : wait;
  head_->call(
      transport::log_read{
          .id = {task_, 0}, .stream = at_.stream(), .offset = at_.position(), .wait = patience_},
      [post = to_.post, number = at_.stream()](answer what) { post(number, std::move(what)); },
      patience_ + std::chrono::seconds{10});
}

void output_stream::take(answer what, instant now) {
  asked_ = false;
  if (is_complete()) return;
  if (!what) return failed(std::move(what.error()), now);
  auto* chunk = std::get_if<transport::log_chunk>(&*what);
  if (chunk == nullptr)
    return failed({fault_code::unsupported, "the head answered with another message",
                   "use a fabricd of the head's version"},
                  now);
  const auto before = at_.attempt();
  const auto step = at_.take(std::move(*chunk));
  const bool news = step.progress || at_.attempt() != before;
  unsettled_ = !news && (unsettled_ || came_early(now));
  show(step);
  if (auto bytes = gaps_.due(now)) say_gap(bytes);
  trouble_.reset();
  trouble_since_ = never;
  if (news)
    pause_ = duration{0};
  else
    pause_from(now, idle_pause);
}

void output_stream::failed(fault why, instant now) {
  if (!may_pass(why.code)) {
    failure_ = std::move(why);
    return;
  }
  if (!trouble_) trouble_since_ = now;
  trouble_ = std::move(why);
  unsettled_ = true;
  pause_from(now, trouble_pause);
}

bool output_stream::came_early(instant now) const { return now - asked_at_ < patience_ / 2; }

void output_stream::pause_from(instant now, duration shortest) {
  pause_ = std::clamp(pause_ * 2, shortest, longest_pause);
  next_ = now + pause_;
}

void output_stream::show(const output_cursor::step& what) {
  if (what.left != 0) to_.attempt_changed(what.left, at_.attempt());
  if (what.lost != 0) {
    to_.lost(what.lost);
    gaps_.add(what.lost);
  }
  if (!what.text.empty()) to_.write(what.text);
  if (is_complete()) say_gap(gaps_.rest());
}

void output_stream::finish(attempt_number last) { show(at_.finish(last)); }

void output_stream::finish(attempt_number last, const transport::task_report& report) {
  show(at_.finish(last, report));
  next_ = {};
}

void say_what_is_missing(std::uint64_t position, std::uint64_t bytes, const std::string& detail) {
  if (position >= bytes) return;
  remark({fault_code::store_full,
          "the last " + std::to_string(bytes - position) + " bytes of the output are missing" +
              (detail.empty() ? "" : ": " + detail),
          "is there room on the node's disk?"});
}

}  // namespace fabric::daemon
