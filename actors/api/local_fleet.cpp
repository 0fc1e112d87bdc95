#include "actors/api/local_fleet.hpp"

#include <algorithm>

#include "actors/api/lasting_name.hpp"

namespace fabric::detail {

local_fleet::local_fleet(capacity has, std::string_view node)
    : node_(lasting_name(node)), stock_(std::move(has)) {}

void local_fleet::carry_out(std::span<const calls::command_type> commands) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return;
  for (const auto& c : commands) std::visit([&](const auto& each) { on(each); }, c);
}

local_fleet::worker_ref local_fleet::find(calls::worker_id id) {
  if (last_ && last_->id == id) return last_;
  const auto at = workers_.find(id);
  if (at == workers_.end()) return nullptr;
  last_ = at->second;
  return last_;
}

void local_fleet::tell_later(calls::event_type what) {
  const std::lock_guard lock(later_mutex_);
  later_.push_back(std::move(what));
  has_later_.store(true, std::memory_order_release);
}

void local_fleet::settle() {
  // What is told here may lead to more: the loop further up takes it.
  static thread_local local_fleet* settling = nullptr;
  if (settling == this) return;
  auto* const before = std::exchange(settling, this);
  while (has_later_.load(std::memory_order_acquire)) {
    std::vector<calls::event_type> events;
    std::vector<std::stop_source> stops;
    std::vector<std::function<void()>> thens;
    {
      const std::lock_guard lock(later_mutex_);
      events.swap(later_);
      stops.swap(stops_);
      thens.swap(thens_);
      has_later_.store(false, std::memory_order_release);
    }
    for (auto& source : stops) source.request_stop();
    for (const auto& e : events) owner_->happened(e);
    for (const auto& then : thens) then();
  }
  settling = before;
}

void local_fleet::on(const calls::command::want& what) {
  wishes_[what.pool].wanted = what.workers;
  give_workers();
}

void local_fleet::on(const calls::command::start& what) {
  const auto w = find(what.worker);
  auto* state = owner_->record_of(what.call);
  if (!w || state == nullptr) return;
  const std::lock_guard lock(w->mutex);
  w->line.push_back({counted<state_base>::sharing(state), what.call, what.attempt});
  advance(w);
}

void local_fleet::on(const calls::command::stop& what) {
  const auto w = find(what.worker);
  if (!w) return;
  const std::lock_guard lock(w->mutex);
  const auto unstarted = std::ranges::find_if(
      w->line, [&](const sent_call& c) { return c.id == what.call && c.attempt == what.attempt; });
  if (unstarted != w->line.end()) {
    w->line.erase(unstarted);
    tell_later(calls::event::reported{
        w->id, {{what.call, what.attempt, calls::ending::cancelled, false}}, {}});
    return;
  }
  const std::lock_guard later(later_mutex_);
  for (auto* run : w->runs)
    if (run->stop(what.call, what.attempt, stops_))
      has_later_.store(true, std::memory_order_release);
}

void local_fleet::on(const calls::command::recall& what) {
  const auto w = find(what.worker);
  if (!w) return;
  calls::event::recalled back{w->id, {}};
  {
    const std::lock_guard lock(w->mutex);
    for (auto n = what.most; n > 0 && !w->line.empty(); --n, w->line.pop_back())
      back.calls.push_back({w->line.back().id, w->line.back().attempt, calls::ending::declined});
  }
  tell_later(std::move(back));
}

void local_fleet::on(const calls::command::lend& what) {
  const auto w = find(what.worker);
  if (!w) return;
  {
    const std::lock_guard lock(w->mutex);
    if (std::exchange(w->wants_back, false)) --wishes_[w->pool].has;
    w->is_to_be_lent = !w->is_lent;
  }
  lend(w);
}

/// Where nothing runs on it but, for moments, a thread that tells of its last call.
void local_fleet::lend(const worker_ref& w) {
  {
    const std::lock_guard lock(w->mutex);
    if (!w->is_to_be_lent || w->active > 0 || !w->parked.empty()) return;
    w->is_to_be_lent = false;
    w->is_lent = true;
  }
  --wishes_[w->pool].has;
  stock_.release(w->lease);
  give_workers();
}

void local_fleet::on(const calls::command::reclaim& what) {
  const auto w = find(what.worker);
  if (!w) return;
  {
    const std::lock_guard lock(w->mutex);
    w->reclaim_turn = what.turn;
    w->is_to_be_lent = false;
    if (!w->is_lent) return tell_later(calls::event::reclaimed{w->id, what.turn});
    if (!std::exchange(w->wants_back, true)) ++wishes_[w->pool].has;
  }
  claims_.push_back(w->id);
  give_workers();
}

void local_fleet::on(const calls::command::release& what) {
  const auto w = find(what.worker);
  if (!w) return;
  bool was_lent = false;
  {
    const std::lock_guard lock(w->mutex);
    was_lent = std::exchange(w->is_lent, false);
    if (was_lent && w->wants_back) --wishes_[w->pool].has;
    w->is_released = true;
  }
  if (!was_lent) {
    stock_.release(w->lease);
    --wishes_[w->pool].has;
  }
  workers_.erase(w->id);
  last_ = nullptr;
  give_workers();
}

void local_fleet::advance(const worker_ref& w) {
  while (!w->is_lent && w->active < local_worker::slots && !w->parked.empty()) {
    auto* next = w->parked.front();
    w->parked.pop_front();
    ++w->active;
    next->is_resumed_ = true;
    next->resumes_.notify_one();
  }
  if (!w->may_start()) return;
  ++w->active;
  auto run = std::make_shared<local_run>(*this, w);
  w->runs.push_back(run.get());
  crew_.run([run = std::move(run)] { run->run(); });
}

bool local_fleet::leave(local_run& run) {
  const auto w = run.at_;
  {
    const std::lock_guard lock(w->mutex);
    const bool has_slot = w->active <= local_worker::slots;
    if (has_slot && w->parked.empty() && !w->is_lent && !w->line.empty()) return false;
    --w->active;
    w->runs.remove(&run);
    advance(w);
    if (!w->is_to_be_lent) return true;
  }
  owner_->locked([&] {
    const std::lock_guard lock(mutex_);
    if (!is_closed_) lend(w);
  });
  settle();
  return true;
}

void local_fleet::holds_back() {
  if (!is_held_back_.exchange(true, std::memory_order_acq_rel)) owner_->hurry();
}

/// Ends of short calls behind which a long one runs are told after a moment, too. A thread that has
/// said so once says it again only after its next report, which is at most `report_period` away
/// unless a long call comes first: so it is looked at once more, a while later.
bool local_fleet::flush() {
  is_held_back_.store(false, std::memory_order_release);
  std::vector<worker_ref> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, w] : workers_) all.push_back(w);
  }
  bool any = false;
  for (const auto& w : all) {
    calls::event::reported what;
    const std::lock_guard lock(w->mutex);
    for (auto* run : w->runs) {
      const std::lock_guard ended(run->ended_mutex_);
      if (run->ended_.calls.empty()) continue;
      run->ended_.ran = clock_now() - run->last_report_;
      tell_later(std::exchange(run->ended_, {w->id, {}, {}}));
      any = true;
    }
  }
  settle();
  return any;
}

bool local_fleet::could_hold(const demand& needs) const {
  const std::lock_guard lock(mutex_);
  return stock_.could_ever_fit(needs);
}

void local_fleet::hold(std::uint64_t token, demand needs, std::function<void()> then) {
  owner_->locked([&] {
    const std::lock_guard lock(mutex_);
    waiting_holds_.push_back({token, std::move(needs), std::move(then)});
    give_workers();
  });
  settle();
}

void local_fleet::let_go(std::uint64_t token) {
  owner_->locked([&] {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_holds_, [&](const held& h) { return h.token == token; });
    if (const auto found = holds_.find(token); found != holds_.end()) {
      stock_.release(found->second);
      holds_.erase(found);
    }
    give_workers();
  });
  settle();
}

void local_fleet::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (auto& [id, w] : workers_) {
      const std::lock_guard worker(w->mutex);
      w->is_lent = false;  // what waits goes on, to its end
      w->line.clear();
      advance(w);
    }
  }
  crew_.join();
  const std::lock_guard lock(mutex_);
  workers_.clear();
  last_ = nullptr;
}

}  // namespace fabric::detail
