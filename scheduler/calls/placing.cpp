#include <algorithm>
#include <utility>

#include "scheduler/calls/book.hpp"

namespace fabric::calls {

void book::dispatch(pool_id id) {
  auto& p = pool_at(id);
  if (p.choosy > 0) place_near(p);
  while (p.choosy == 0 && !p.queue.empty() && !p.open.empty()) fill(next_open(p));
  // A worker that only waits is nearer than one that is to be started.
  if (p.queue.empty() || p.lent == 0) return;
  for (auto w : p.workers)
    if (workers_[w].is_lent && !workers_[w].is_reclaimed) return reclaim(w);
}

/// Those with a free slot before those that would only have it ahead of them; else in turn.
place book::next_open(pool_record& p) const {
  for (std::size_t i = 0; i < p.open.size(); ++i) {
    const auto at = p.open[p.turn++ % p.open.size()];
    if (workers_[at].running.size + workers_[at].sent.size < workers_[at].slots) return at;
  }
  return p.open[p.turn++ % p.open.size()];
}

/// How many more calls the worker may be sent now.
std::size_t book::room_of(const worker_record& w) const {
  if (w.is_uncertain || w.is_draining || w.is_lent || w.is_recalling || !w.parked.empty()) return 0;
  if (w.bytes >= how_.window_bytes_max) return 0;
  const auto most = w.blocked.empty() ? std::max(w.window, w.slots) : w.slots;
  const auto has = w.running.size + w.sent.size;
  return has < most ? most - has : 0;
}

/// To be called after each change to the worker's flags, window and calls.
void book::update_open(place worker) {
  auto& w = workers_[worker];
  auto& p = pool_at(w.pool);
  if (w.counts() != w.is_counted) {
    w.is_counted = !w.is_counted;
    w.is_counted ? ++p.counted : --p.counted;
    touch(w.pool);
  }
  auto& open = p.open;
  const bool belongs = room_of(w) > 0;
  if (belongs == (w.open_at != 0)) return;
  if (belongs) {
    open.push_back(worker);
    w.open_at = open.size();
    return;
  }
  workers_[open.back()].open_at = w.open_at;
  open[w.open_at - 1] = open.back();
  open.pop_back();
  w.open_at = 0;
}

/// Sends a share of the queue: all that it has room for while there is plenty, less near the end,
/// so that workers finish together.
void book::fill(place worker) {
  auto& w = workers_[worker];
  auto& p = pool_at(w.pool);
  const auto fair = p.queue.size / (2 * p.workers.size());
  const auto slots_free = w.slots - std::min<std::size_t>(w.slots, w.running.size + w.sent.size);
  auto n = std::min(room_of(w), std::max({fair, slots_free, std::size_t{1}}));
  for (; n > 0 && !p.queue.empty(); --n) {
    if (w.bytes >= how_.window_bytes_max) break;
    send(worker, p.queue.first);
  }
  touch(w.pool);
  advance(worker);
  update_open(worker);
}

/// Precondition: it is queued. `advance` and `update_open` are to follow.
void book::send(place worker, place at) {
  auto& w = workers_[worker];
  auto& p = pool_at(w.pool);
  auto& c = calls_[at];
  unqueue(at);
  c.state = call_state::sent;
  c.worker = worker;
  c.is_known_to_run = false;
  ++c.attempt;
  w.sent.push_back(calls_, at);
  w.bytes += c.bytes;
  ++p.placed;
  ++p.unbegun;
  out_->push_back(command::start{w.id, id_of(at), c.attempt});
}

/// Takes note of what the worker starts by itself in its free slots. Where a call waits for a slot,
/// either that one or the next that was sent has it: the latter is believed until `resumed` says
/// otherwise, so that nothing runs whose time is not counted.
void book::advance(place worker) {
  auto& w = workers_[worker];
  if (w.is_lent) return;
  while (w.running.size < w.slots && !w.sent.empty()) begin(worker, w.sent.first);
}

/// The worker starts calls in the order in which they were sent, so it is known when one begins
/// without a message.
void book::begin(place worker, place at) {
  auto& w = workers_[worker];
  auto& c = calls_[at];
  w.sent.remove(calls_, at);
  w.bytes -= c.bytes;
  --pool_at(w.pool).unbegun;
  c.state = call_state::running;
  w.running.push_back(calls_, at);
  moved(worker);
  const auto limit = rules_of(at).time_limit;
  if (limit > duration{0} && !c.is_told)
    set_timer(now_ + limit, timer_kind::time_limit, id_of(at).value, c.attempt);
}

void book::moved(place worker) {
  auto& w = workers_[worker];
  auto& p = pool_at(w.pool);
  w.moved_at = now_;
  p.has_moved = true;
  if (std::exchange(w.is_stuck, false)) --p.stuck;
}

/// The worker has nothing to do and the queue is empty, or holds what waits for others: those may
/// have more than they can start.
void book::look_for_work(place worker) {
  auto& p = pool_at(workers_[worker].pool);
  if (p.unbegun == 0 || p.queue.size > p.choosy) return;
  place richest = nowhere;
  std::uint32_t most = 0;
  for (auto other : p.workers) {
    const auto& o = workers_[other];
    if (o.is_recalling) return;  // wait for its answer first
    if (o.is_uncertain || o.sent.empty()) continue;
    const auto share = share_for(worker, o);
    if (share <= most) continue;
    most = share;
    richest = other;
  }
  if (richest == nowhere) return;
  auto& r = workers_[richest];
  r.is_recalling = true;
  update_open(richest);
  out_->push_back(command::recall{r.id, most});
}

/// All that the worker runs waits for other calls: these may need what it holds.
void book::lend_if_waiting(place worker) {
  auto& w = workers_[worker];
  if (w.is_lent || w.is_uncertain || w.blocked.empty()) return;
  if (!w.running.empty() || !w.sent.empty() || !w.parked.empty()) return;
  w.is_lent = true;
  w.is_reclaimed = false;
  ++pool_at(w.pool).lent;
  update_open(worker);
  out_->push_back(command::lend{w.id});
}

void book::reclaim(place worker) {
  auto& w = workers_[worker];
  if (!w.is_lent || w.is_reclaimed) return;
  w.is_reclaimed = true;
  auto& p = pool_at(w.pool);
  --p.lent;
  ++p.reclaimed;
  update_open(worker);
  out_->push_back(command::reclaim{w.id, ++w.reclaims});
  // Workers that rest may hold what it needs.
  std::vector<worker_id> resting;
  for (auto at : p.workers)
    if (workers_[at].calls() == 0 && p.queue.empty()) resting.push_back(workers_[at].id);
  for (auto id : resting) rest_or_leave(find(id));
}

/// As many as would be done with all calls in the time that a worker takes to start, where it is
/// known how long calls take: then all take twice that time at most, and none was started for less
/// work than it cost. It is known of those that ended; where workers are stuck with one that proves
/// long, those behind may be as long: so the same number again, which finds out as quickly, and is
/// no more than one worker too many where just one was held up.
std::uint32_t book::workers_needed(const pool_record& p) const {
  const auto calls = p.queue.size + p.placed;
  if (calls == 0) return 0;
  auto needed = calls;
  if (p.mean_ns >= 0) {
    const auto cost_ns = std::max<std::int64_t>(how_.worker_cost.count() * 1000, 1);
    const auto many = static_cast<std::int64_t>(std::min<std::size_t>(calls, 100'000'000));
    const auto mean = std::min(p.mean_ns, cost_ns);
    needed = static_cast<std::size_t>(many * mean / cost_ns + 1);
    needed = std::max(needed, std::size_t{2} * p.stuck);
  }
  // Calls that run, be it on workers that are to go, are of no use to another worker.
  if (p.queue.empty() && p.unbegun == 0) needed = std::min<std::size_t>(needed, p.counted);
  return static_cast<std::uint32_t>(std::min<std::size_t>({needed, calls, nowhere}));
}

void book::say_wants() {
  for (auto id : touched_) {
    auto& p = pool_at(id);
    p.is_touched = false;
    watch(id);
    const auto needed = workers_needed(p);
    // Those that are not needed any more are released when they have rested; nothing to say.
    if (needed == p.wanted || (needed <= p.counted && p.wanted <= p.counted)) continue;
    p.wanted = needed;
    out_->push_back(command::want{id, needed});
  }
  touched_.clear();
}

/// Where calls wait because those before them are believed to be short: looks soon whether they
/// are.
void book::watch(pool_id id) {
  auto& p = pool_at(id);
  const bool is_short = p.mean_ns >= 0 && p.mean_ns < how_.worker_cost.count() * 1000;
  const bool waits = p.unbegun > 0 || !p.queue.empty();
  if (p.is_watched || !p.has_moved || !is_short || !waits) return;
  p.is_watched = true;
  set_timer(now_ + how_.worker_cost, timer_kind::watch, id.value);
}

void book::find_stuck(pool_id id) {
  auto& p = pool_at(id);
  p.is_watched = p.has_moved = false;
  for (auto at : p.workers) {
    auto& w = workers_[at];
    if (w.is_stuck || !w.counts() || w.running.empty()) continue;
    w.is_stuck = now_ - w.moved_at >= how_.worker_cost;
    p.stuck += w.is_stuck ? 1 : 0;
    p.has_moved |= !w.is_stuck;
  }
  touch(id);
}

}  // namespace fabric::calls
