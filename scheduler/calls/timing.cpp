#include <algorithm>

#include "scheduler/calls/book.hpp"
#include "scheduler/mutant.hpp"

namespace fabric::calls {

namespace {

constexpr auto later = [](const timer_record& a, const timer_record& b) {
  return a.due != b.due ? a.due > b.due : a.number > b.number;
};

/// Timers that are of no use any more are dropped when there are more than this, and twice as many
/// as calls and workers.
constexpr std::size_t timers_to_keep = 4096;

}  // namespace

instant book::next_wakeup() const { return timers_.empty() ? never : timers_.front().due; }

void book::set_timer(instant due, timer_kind kind, std::uint64_t whose, std::uint32_t attempt) {
  if (timers_.size() > timers_to_keep &&
      timers_.size() > 2 * (2 * open_calls_ + worker_places_.size()))
    drop_useless_timers();
  timers_.push_back({due, ++timers_set_, kind, attempt, whose});
  std::ranges::push_heap(timers_, later);
}

void book::on(const event::ticked&) {
  while (!timers_.empty() && timers_.front().due <= now_) {
    const auto t = timers_.front();
    std::ranges::pop_heap(timers_, later);
    timers_.pop_back();
    if (is_of_use(t)) fire(t);
  }
}

bool book::is_of_use(const timer_record& t) const {
  if (t.kind == timer_kind::idle) return find(worker_id{t.whose}) != nowhere;
  if (t.kind == timer_kind::quantum) return is_pressed_;
  if (t.kind == timer_kind::watch) return true;
  const auto at = find(call_id{t.whose});
  if (at == nowhere) return false;
  const auto& c = calls_[at];
  if (t.kind == timer_kind::hard_stop) return c.worker != nowhere && c.attempt == t.attempt;
  if (c.is_told) return false;
  if (t.kind == timer_kind::deadline) return true;
  if (t.kind == timer_kind::near)
    return c.state == call_state::queued || c.state == call_state::sent;
  if (c.attempt != t.attempt) return false;
  return t.kind == timer_kind::backoff ? c.state == call_state::backing_off : c.worker != nowhere;
}

void book::fire(const timer_record& t) {
  const auto at = find(call_id{t.whose});
  switch (t.kind) {
    case timer_kind::deadline: return over_limit(at, ending::expired, false);
    case timer_kind::time_limit: {
      const auto& rules = rules_of(at);
      const bool again = rules.retry_timeouts && calls_[at].failures < rules.failures_max;
      return over_limit(at, ending::timed_out, again);
    }
    case timer_kind::backoff:
      if (mutant::is_on("retry_forgotten")) return;
      enqueue(at, true);
      return dispatch(batches_[calls_[at].batch].pool);
    case timer_kind::hard_stop: return stop(at, calls_[at].stop_as, true);
    case timer_kind::quantum: return ease_pressure();
    case timer_kind::near: return waited_for_near(at);
    case timer_kind::watch: return find_stuck(pool_id{t.whose});
    case timer_kind::idle: break;
  }
  const auto worker = find(worker_id{t.whose});
  auto& w = workers_[worker];
  w.has_idle_timer = false;
  if (w.calls() != 0 || w.is_uncertain || w.is_lent || w.is_recalling) return;
  if (!pool_at(w.pool).queue.empty()) w.idle_since = now_;  // what is in there waits for others
  if (now_ - w.idle_since >= how_.idle_after) {
    out_->push_back(command::release{w.id});
    return remove_worker(worker);
  }
  w.has_idle_timer = true;
  set_timer(w.idle_since + how_.idle_after, timer_kind::idle, w.id.value);
}

void book::drop_useless_timers() {
  std::erase_if(timers_, [&](const timer_record& t) { return !is_of_use(t); });
  std::ranges::make_heap(timers_, later);
}

}  // namespace fabric::calls
