#include "tests/calls/world.hpp"

#include <algorithm>

namespace fabric::calls {

using namespace std::chrono_literals;

std::size_t world::worker::active() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(jobs, [](const job& j) { return !j.is_blocked && !j.is_parked; }));
}

bool world::worker::has_parked() const {
  return std::ranges::any_of(jobs, [](const job& j) { return j.is_parked; });
}

world::world(std::uint64_t seed)
    : dice_(seed),
      book_({.idle_after = 50ms,
             .quantum = 20ms,
             .stop_grace = 30ms,
             .window_time = 2ms,
             .window_max = 16,
             .window_bytes_max = 1000}),
      kinds_(std::variant_size_v<command_type>) {
  free_ = 2 + static_cast<std::int64_t>(roll(4));
  for (std::int64_t n = 1; n <= 2; ++n)
    pools_.push_back(book_.pool_of({{{{"cpu", units(n)}}, {}}, static_cast<int>(roll(2))}));
}

std::int64_t world::need_of(pool_id pool) const {
  return book_.shape_of(pool).needs.amounts["cpu"].value / 1000;
}

void world::at(instant when, std::function<void()> what) {
  agenda_.push({when, ++numbered_, std::move(what)});
}

void world::tell(const event_type& what) {
  std::vector<command_type> commands;
  book_.step(what, now_, commands);
  oracle_.claim(book_.broken_invariant().empty(), book_.broken_invariant());
  for (const auto& c : commands) do_command(c);
  give_workers();
  const auto wakeup = book_.next_wakeup();
  if (wakeup >= next_tick_) return;
  next_tick_ = std::max(wakeup, now_);
  at(next_tick_, [this] {
    next_tick_ = never;
    tell(event::ticked{});
  });
}

/// In the order of sending, late, and now and then twice.
void world::tell_from(worker& w, event_type what) {
  w.last_from = std::max(w.last_from, now_) + std::chrono::microseconds{roll(3) ? 0 : roll(3000)};
  at(w.last_from, [this, what] { tell(what); });
  const bool is_birth = std::holds_alternative<event::worker_ready>(what);
  if (!heals_ && !is_birth && chance(5)) at(w.last_from, [this, what] { tell(what); });
}

void world::order(worker_id id, std::function<void(worker&)> what) {
  auto* w = find(id);
  if (w == nullptr) return;
  w->last_to = std::max(w->last_to, now_) + std::chrono::microseconds{roll(3) ? 0 : roll(2000)};
  at(w->last_to, [this, id, what = std::move(what)] {
    if (auto* still = find(id)) what(*still);
  });
}

/// One of so many, or none in particular.
host_id world::some_host(std::uint64_t hosts) { return host_id{roll(hosts + 1)}; }

/// Mostly none; else on a host with workers, or on one that has none.
data_place world::some_data() {
  if (!chance(25)) return {};
  return {some_host(3), roll(2'000'000)};
}

world::worker* world::find(worker_id id) {
  const auto known = workers_.find(id);
  return known == workers_.end() ? nullptr : &known->second;
}

void world::do_command(const command_type& what) {
  ++kinds_[what.index()];
  if (const auto* c = std::get_if<command::want>(&what)) wanted_[c->pool] = c->workers;
  if (const auto* c = std::get_if<command::start>(&what)) {
    oracle_.sent(c->call, c->worker);
    order(c->worker, [this, c = *c](worker& w) {
      w.queue.emplace_back(c.call, c.attempt);
      run_next(w);
    });
  }
  if (const auto* c = std::get_if<command::recall>(&what))
    order(c->worker, [this, c = *c](worker& w) {
      event::recalled back{w.id, {}};
      for (auto n = c.most; n > 0 && !w.queue.empty(); --n, w.queue.pop_back())
        back.calls.push_back({w.queue.back().first, w.queue.back().second, ending::declined});
      tell_from(w, back);
    });
  if (const auto* c = std::get_if<command::stop>(&what))
    order(c->worker, [this, c = *c](worker& w) {
      const auto unstarted = std::ranges::find(w.queue, std::pair{c.call, c.attempt});
      if (unstarted != w.queue.end()) {
        w.queue.erase(unstarted);
        oracle_.dropped(c.call);
        return tell_from(w, event::reported{w.id, {{c.call, c.attempt, ending::cancelled}}});
      }
      for (auto& j : w.jobs) {
        if (j.call != c.call || j.attempt != c.attempt) continue;
        if (c.hard && chance(80)) return kill(w.id);
        j.is_told_to_stop = true;
      }
    });
  if (const auto* c = std::get_if<command::lend>(&what))
    order(c->worker, [this](worker& w) {
      w.wants_back = false;
      if (w.active() > 0 || w.is_lent) return;
      w.is_lent = true;
      free_ += need_of(w.pool);
      give_workers();
    });
  if (const auto* c = std::get_if<command::reclaim>(&what))
    order(c->worker, [this, turn = c->turn](worker& w) {
      w.turn = turn;
      if (!w.is_lent) return tell_from(w, event::reclaimed{w.id, turn});
      w.wants_back = true;
      give_workers();
    });
  if (const auto* c = std::get_if<command::release>(&what))
    order(c->worker, [this](worker& w) {
      oracle_.claim(w.jobs.empty() && w.queue.empty(), "a worker is released that has calls");
      if (!w.is_lent) free_ += need_of(w.pool);
      workers_.erase(w.id);
      give_workers();
    });
  if (const auto* c = std::get_if<command::finished>(&what)) {
    oracle_.finished(*c);
    after(0us, [this, id = c->call] { wake_waiters(id); });
  }
}

void world::give_workers() {
  pool_id hungry{};
  for (auto& [id, w] : workers_) {
    if (!w.wants_back) continue;
    if (free_ < need_of(w.pool)) {
      hungry = w.pool;
      continue;
    }
    free_ -= need_of(w.pool);
    w.wants_back = w.is_lent = false;
    tell_from(w, event::reclaimed{id, w.turn});
    run_next(w);
  }
  for (auto pool : pools_) {
    std::size_t has = 0;
    for (const auto& [id, w] : workers_) has += w.pool == pool && (!w.is_lent || w.wants_back);
    for (; has < wanted_[pool]; ++has) {
      if (free_ < need_of(pool)) {
        hungry = pool;
        break;
      }
      free_ -= need_of(pool);
      const worker_id id{++next_worker_};
      auto& w = workers_[id];
      w.id = id;
      w.pool = pool;
      w.slots = 1 + static_cast<std::uint32_t>(roll(2));
      w.last_from = now_ + std::chrono::microseconds{roll(3000)};
      tell_from(w, event::worker_ready{id, pool, w.slots, some_host(2)});
    }
  }
  const bool is_pressed = hungry.value != 0;
  if (!is_pressed && !is_pressed_) return;
  if (is_pressed == is_pressed_ && !chance(20)) return;
  is_pressed_ = is_pressed;
  after(1us, [this, is_pressed, hungry] { tell(event::pressure{is_pressed, hungry}); });
}

void world::run_next(worker& w) {
  for (auto& j : w.jobs)
    if (j.is_parked && !w.is_lent && w.active() < w.slots) resume(w, j);
  while (!w.queue.empty() && !w.has_parked() && !w.is_lent && w.active() < w.slots) {
    auto& j = w.jobs.emplace_back();
    std::tie(j.call, j.attempt) = w.queue.front();
    w.queue.pop_front();
    oracle_.began(j.call, j.attempt);
    const auto& how = scripts_.at(j.call);
    if (how.depth < 3 && chance(heals_ ? 5 : 25)) submit_some(how.depth + 1, &j.awaited);
    const auto takes = chance(70) ? roll(100) : roll(20000);
    j.turn = ++numbered_;
    after(std::chrono::microseconds{takes},
          [this, id = w.id, call = j.call, turn = j.turn] { go_on(id, call, turn); });
  }
}

void world::go_on(worker_id id, call_id call, std::uint64_t turn) {
  auto* w = find(id);
  if (w == nullptr) return;
  const auto j = std::ranges::find_if(w->jobs, [&](const job& x) {
    return x.call == call && x.turn == turn && !x.is_blocked && !x.is_parked;
  });
  if (j == w->jobs.end()) return;
  wait_or_end(*w, *j);
}

void world::wait_or_end(worker& w, job& j) {
  std::erase_if(j.awaited, [&](call_id c) { return oracle_.is_finished(c); });
  if (!j.awaited.empty() && !j.is_told_to_stop) {
    j.is_blocked = true;
    tell_from(w, event::blocked{w.id, j.call, j.attempt});
    return run_next(w);
  }
  const auto index = static_cast<std::size_t>(&j - w.jobs.data());
  const bool fails = !heals_ && chance(20);
  end(w, index, fails ? ending::failed : ending::succeeded);
}

void world::end(worker& w, std::size_t index, ending how) {
  const auto j = w.jobs[index];
  w.jobs.erase(w.jobs.begin() + static_cast<std::ptrdiff_t>(index));
  oracle_.ended(j.call, j.attempt, how);
  tell_from(w, event::reported{w.id, {{j.call, j.attempt, how, true, some_data()}}, 100us});
  run_next(w);
}

void world::wake_waiters(call_id) {
  for (auto& [id, w] : workers_) {
    for (auto& j : w.jobs) {
      if (!j.is_blocked) continue;
      std::erase_if(j.awaited, [&](call_id c) { return oracle_.is_finished(c); });
      if (!j.awaited.empty()) continue;
      j.is_blocked = false;
      j.is_parked = true;
      tell_from(w, event::unblocked{id, j.call, j.attempt});
    }
    run_next(w);
  }
}

void world::resume(worker& w, job& j) {
  j.is_parked = false;
  j.turn = ++numbered_;
  tell_from(w, event::resumed{w.id, j.call, j.attempt});
  after(10us, [this, id = w.id, call = j.call, turn = j.turn] { go_on(id, call, turn); });
}

void world::submit_some(int depth, std::vector<call_id>* made) {
  event::submitted what;
  what.pool = pools_[roll(pools_.size())];
  what.first = depth > 0;
  what.rules.failures_max = static_cast<std::uint32_t>(roll(3));
  what.rules.losses_max = static_cast<std::uint32_t>(roll(3));
  what.rules.backoff = {std::chrono::milliseconds{roll(3)}, 5ms};
  if (chance(15)) what.rules.time_limit = std::chrono::milliseconds{1 + roll(20)};
  if (chance(15)) what.rules.deadline = std::chrono::milliseconds{1 + roll(60)};
  const auto n = depth > 0 ? 1 + roll(2) : 1 + roll(8);
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto id = book_.announce();
    oracle_.submitted(id, what.rules);
    scripts_[id] = {depth > 0, depth, what.pool};
    event::new_call call{id, static_cast<std::uint32_t>(roll(400))};
    call.reads = some_data();
    // Nested calls that waited for others could wait for their own parent.
    if (depth == 0 && !submitted_.empty())
      for (; chance(20); ++call.after) {
        const auto on = submitted_[roll(submitted_.size())];
        if (scripts_.at(on).is_child || oracle_.is_finished(on)) break;
        what.after.push_back(on);
      }
    what.calls.push_back(call);
    submitted_.push_back(id);
    if (made != nullptr) made->push_back(id);
  }
  after(0us, [this, what] { tell(what); });
}

void world::cancel_one() {
  if (submitted_.empty()) return;
  tell(event::cancel_requested{submitted_[roll(submitted_.size())], chance(30)});
}

void world::kill(worker_id id) {
  auto& w = workers_.at(id);
  for (const auto& j : w.jobs) oracle_.ended(j.call, j.attempt, ending::lost);
  if (!w.is_lent) free_ += need_of(w.pool);
  oracle_.gone(id);
  tell_from(w, event::worker_lost{id, true});
  workers_.erase(id);
  give_workers();
}

void world::hurt_one() {
  if (workers_.empty()) return;
  auto victim = workers_.begin();
  std::advance(victim, static_cast<std::ptrdiff_t>(roll(workers_.size())));
  auto& w = victim->second;
  const auto id = w.id;
  if (chance(50)) return kill(id);
  if (w.is_out_of_sight) return;
  w.is_out_of_sight = true;
  tell_from(w, event::worker_lost{id, false});
  const bool comes_back = chance(50);
  after(std::chrono::milliseconds{roll(40)}, [this, id, comes_back] {
    auto* still = find(id);
    if (still == nullptr) return;
    if (!comes_back) return kill(id);
    still->is_out_of_sight = false;
    tell_from(*still, event::worker_found{id});
  });
}

std::string world::picture() const {
  std::string text = "calls are left over, free " + std::to_string(free_);
  for (auto id : submitted_)
    if (const auto state = book_.state_of(id); state != call_state::vacant)
      text += "\n  call " + std::to_string(place_of(id)) + " of pool " +
              std::to_string(scripts_.at(id).pool.value) + " in state " +
              std::to_string(static_cast<int>(state));
  for (const auto& [id, w] : workers_) {
    text += "\n  worker " + std::to_string(id.value) + " of pool " + std::to_string(w.pool.value) +
            (w.is_lent ? " lent" : "") + (w.wants_back ? " wants back" : "") + ", queue " +
            std::to_string(w.queue.size());
    for (const auto& j : w.jobs)
      text += ", job " + std::to_string(place_of(j.call)) + (j.is_blocked ? " blocked" : "") +
              (j.is_parked ? " parked" : "");
  }
  for (const auto& [id, n] : wanted_)
    text += "\n  pool " + std::to_string(id.value) + " wants " + std::to_string(n);
  return text;
}

std::string world::play() {
  const auto rage_ends = now_ + 300ms;
  for (int i = 0; i < 12; ++i)
    after(std::chrono::microseconds{roll(250000)}, [this] { submit_some(0, nullptr); });
  for (int i = 0; i < 8; ++i)
    after(std::chrono::microseconds{roll(250000)}, [this] { cancel_one(); });
  for (int i = 0; i < 10; ++i)
    after(std::chrono::microseconds{roll(250000)}, [this] { hurt_one(); });
  at(rage_ends, [this] { heals_ = true; });
  const auto gives_up = rage_ends + 60s;
  while (!agenda_.empty() && oracle_.broken().empty() && agenda_.top().when < gives_up) {
    const auto next = agenda_.top();
    agenda_.pop();
    now_ = next.when;
    next.what();
  }
  if (oracle_.broken().empty() && book_.open_calls() > 0) oracle_.claim(false, picture());
  oracle_.check_end();
  oracle_.claim(book_.open_calls() == 0, "the book has open calls at the end");
  oracle_.claim(book_.held_calls() == 0, "the book has held calls at the end");
  oracle_.claim(book_.workers() == 0, "the book has workers at the end");
  oracle_.claim(workers_.empty(), "a worker was never released");
  return oracle_.broken();
}

}  // namespace fabric::calls
