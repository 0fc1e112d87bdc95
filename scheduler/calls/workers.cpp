#include <algorithm>

#include "scheduler/calls/book.hpp"
#include "scheduler/mutant.hpp"

namespace fabric::calls {

void book::on(const event::worker_ready& what) {
  if (what.pool.value == 0 || what.pool.value > pools_.size()) return;
  if (find(what.worker) != nowhere) return;
  if (vacant_workers_.empty()) {
    vacant_workers_.push_back(static_cast<place>(workers_.size()));
    workers_.emplace_back();
  }
  const auto at = vacant_workers_.back();
  vacant_workers_.pop_back();
  auto& w = workers_[at] = {};
  w.id = what.worker;
  w.pool = what.pool;
  w.host = what.host;
  w.slots = w.window = std::max(what.slots, 1U);
  w.held_since = w.idle_since = now_;
  worker_places_.emplace(what.worker, at);
  pool_at(what.pool).workers.push_back(at);
  update_open(at);
  touch(what.pool);
  dispatch(what.pool);
  rest_or_leave(at);
}

void book::on(const event::worker_found& what) {
  const auto at = find(what.worker);
  if (at == nowhere) return;
  workers_[at].is_uncertain = false;
  advance(at);
  update_open(at);
  dispatch(workers_[at].pool);
  lend_if_waiting(at);
  rest_or_leave(at);
}

void book::on(const event::worker_lost& what) {
  const auto at = find(what.worker);
  if (at == nowhere) return;
  auto& w = workers_[at];
  if (!what.certain && !mutant::is_on("uncertain_loss_is_certain")) {
    w.is_uncertain = true;
    update_open(at);
    return touch(w.pool);
  }
  // From the last one on, each to the front of the queue, so that their order is kept.
  for (auto* calls : {&w.sent, &w.parked, &w.blocked, &w.running})
    while (!calls->empty()) attempt_lost(calls->last, calls != &w.sent);
  const auto pool = w.pool;
  remove_worker(at);
  dispatch(pool);
}

void book::on(const event::reported& what) {
  const auto worker = find(what.worker);
  if (worker == nowhere) return;
  std::size_t ran = 0;
  for (const auto& e : what.calls) {
    const auto at = find_attempt(worker, e.call, e.attempt);
    if (at == nowhere) continue;
    ran += e.how == ending::succeeded || e.how == ending::failed ? 1 : 0;
    attempt_over(at, e);
    advance(worker);
  }
  measure(worker, ran, what.ran);
  update_open(worker);
  dispatch(workers_[worker].pool);
  lend_if_waiting(worker);
  rest_or_leave(worker);
}

void book::on(const event::recalled& what) {
  const auto worker = find(what.worker);
  if (worker == nowhere) return;
  workers_[worker].is_recalling = false;
  for (const auto& e : what.calls) {
    const auto at = find_attempt(worker, e.call, e.attempt);
    if (at == nowhere) continue;
    // A report may have overtaken the answer: then the call is believed to have begun.
    const auto state = calls_[at].state;
    if (state == call_state::sent || state == call_state::running)
      attempt_over(at, {.call = e.call, .attempt = e.attempt, .how = ending::declined});
  }
  advance(worker);
  update_open(worker);
  dispatch(workers_[worker].pool);
  lend_if_waiting(worker);
  rest_or_leave(worker);
}

void book::on(const event::blocked& what) {
  const auto worker = find(what.worker);
  const auto at = worker == nowhere ? nowhere : find_attempt(worker, what.call, what.attempt);
  if (at == nowhere) return;
  if (calls_[at].state == call_state::sent) begin(worker, at);
  if (calls_[at].state != call_state::running) return;
  auto& w = workers_[worker];
  w.running.remove(calls_, at);
  w.blocked.push_back(calls_, at);
  calls_[at].state = call_state::blocked;
  --pool_at(w.pool).placed;
  touch(w.pool);
  advance(worker);
  update_open(worker);
  dispatch(w.pool);
  lend_if_waiting(worker);
}

void book::on(const event::unblocked& what) {
  const auto worker = find(what.worker);
  const auto at = worker == nowhere ? nowhere : find_attempt(worker, what.call, what.attempt);
  if (at == nowhere || calls_[at].state != call_state::blocked) return;
  auto& w = workers_[worker];
  w.blocked.remove(calls_, at);
  w.parked.push_back(calls_, at);
  calls_[at].state = call_state::parked;
  touch(w.pool);
  if (!mutant::is_on("lent_for_ever")) reclaim(worker);
  advance(worker);
  update_open(worker);
}

void book::on(const event::resumed& what) {
  const auto worker = find(what.worker);
  const auto at = worker == nowhere ? nowhere : find_attempt(worker, what.call, what.attempt);
  if (at == nowhere || calls_[at].state != call_state::parked) return;
  auto& w = workers_[worker];
  auto& p = pool_at(w.pool);
  if (w.is_lent) {  // it went on before it could lend anything
    --(w.is_reclaimed ? p.reclaimed : p.lent);
    w.is_lent = w.is_reclaimed = false;
  }
  // The slot was free at the worker: what was believed to have begun in it last has not.
  if (w.running.size >= w.slots) {
    auto believed = w.running.last;
    while (calls_[believed].is_known_to_run && calls_[believed].before != nowhere)
      believed = calls_[believed].before;
    w.running.remove(calls_, believed);
    w.sent.push_front(calls_, believed);
    w.bytes += calls_[believed].bytes;
    calls_[believed].state = call_state::sent;
    ++p.unbegun;
  }
  w.parked.remove(calls_, at);
  w.running.push_back(calls_, at);
  calls_[at].state = call_state::running;
  calls_[at].is_known_to_run = true;
  ++p.placed;
  moved(worker);
  touch(w.pool);
  advance(worker);
  update_open(worker);
  dispatch(w.pool);
}

void book::on(const event::reclaimed& what) {
  const auto worker = find(what.worker);
  if (worker == nowhere) return;
  auto& w = workers_[worker];
  if (!w.is_reclaimed || w.reclaims != what.turn) return;
  w.is_lent = w.is_reclaimed = false;
  --pool_at(w.pool).reclaimed;
  advance(worker);
  update_open(worker);
  dispatch(w.pool);
  lend_if_waiting(worker);
  rest_or_leave(worker);
}

/// Weighs what came last by a quarter. The window grows twofold at most from one report to the next
/// and shrinks at once: what is behind a long call would have to be recalled.
void book::measure(place worker, std::size_t calls, duration ran) {
  if (calls == 0) return;
  auto& w = workers_[worker];
  auto& mean = pool_at(w.pool).mean_ns;
  const auto now = std::max<std::int64_t>(ran.count(), 0) * 1000 / static_cast<std::int64_t>(calls);
  mean = mean < 0 ? now : (3 * mean + now) / 4;
  const auto fits = how_.window_time.count() * 1000 / std::max<std::int64_t>(mean, 1);
  const auto most = std::min<std::int64_t>({fits, how_.window_max, std::int64_t{w.window} * 2});
  w.window = std::max(static_cast<std::uint32_t>(std::max<std::int64_t>(most, 1)), w.slots);
}

/// No more calls for the worker; it is released after those that it has begun.
void book::drain(place worker) {
  auto& w = workers_[worker];
  if (w.is_draining) return;
  w.is_draining = true;
  ++draining_;
  update_open(worker);
  touch(w.pool);
  if (!w.sent.empty() && !w.is_recalling) {
    w.is_recalling = true;
    out_->push_back(command::recall{w.id, static_cast<std::uint32_t>(w.sent.size)});
  }
  rest_or_leave(worker);
}

/// A worker without calls looks for some, rests for a while, and is released.
void book::rest_or_leave(place worker) {
  auto& w = workers_[worker];
  if (w.calls() != 0 || w.is_uncertain || w.is_reclaimed || w.is_recalling) return;
  const auto& p = pool_at(w.pool);
  const bool is_in_the_way =
      (is_pressed_ && w.pool != pressed_by_) || (p.reclaimed > 0 && p.queue.empty());
  if (w.is_draining || w.is_lent || is_in_the_way || is_closed_) {
    out_->push_back(command::release{w.id});
    return remove_worker(worker);
  }
  look_for_work(worker);
  w.idle_since = now_;
  if (w.has_idle_timer) return;
  w.has_idle_timer = true;
  set_timer(now_ + how_.idle_after, timer_kind::idle, w.id.value);
}

/// Precondition: it has no calls.
void book::remove_worker(place worker) {
  auto& w = workers_[worker];
  auto& p = pool_at(w.pool);
  draining_ -= w.is_draining ? 1 : 0;
  if (w.is_lent) --(w.is_reclaimed ? p.reclaimed : p.lent);
  w.is_draining = true;  // it neither counts nor takes calls
  update_open(worker);
  std::erase(p.workers, worker);
  touch(w.pool);
  worker_places_.erase(w.id);
  w = {};
  vacant_workers_.push_back(worker);
}

void book::on(const event::pressure& what) {
  is_pressed_ = what.on;
  pressed_by_ = what.by;
  ease_pressure();
}

/// Others wait: idle workers go at once, then, one after the other, those held for longest.
void book::ease_pressure() {
  if (!is_pressed_) return;
  std::vector<worker_id> idle;
  place oldest = nowhere;
  for (const auto& p : pools_)
    for (auto at : p.workers) {
      const auto& w = workers_[at];
      if (w.pool == pressed_by_ || w.is_draining || w.is_uncertain || w.is_lent) continue;
      if (w.calls() == 0) idle.push_back(w.id);
      if (oldest == nowhere || w.held_since < workers_[oldest].held_since) oldest = at;
    }
  for (auto id : idle) rest_or_leave(find(id));
  if (!idle.empty() || draining_ > 0 || oldest == nowhere) return;
  const auto due = workers_[oldest].held_since + how_.quantum;
  if (due <= now_) return drain(oldest);
  set_timer(due, timer_kind::quantum, 0);
}

}  // namespace fabric::calls
