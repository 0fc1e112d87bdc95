#include "tests/roster/world.hpp"

#include <algorithm>
#include <utility>

namespace fabric::roster {

using namespace std::chrono_literals;

world::world(std::uint64_t seed) : dice_(seed), kinds_(std::variant_size_v<command_type>) {}

void world::claim(bool holds, const std::string& what) {
  if (!holds && broken_.empty()) broken_ = what;
}

void world::at(instant when, std::function<void()> what) {
  agenda_.push({when, ++numbered_, std::move(what)});
}

/// A moment after the last message of the same channel.
instant world::in_order(instant& last, std::uint64_t most_us) {
  last = std::max(last, now_) + std::chrono::microseconds{roll(3) == 0 ? roll(most_us) : 0};
  return last;
}

// The owner.

void world::tell(const event_type& what) {
  std::vector<command_type> commands;
  book_.step(what, now_, commands);
  const auto broken = book_.broken_invariant();
  claim(broken.empty(), broken);
  for (const auto& c : commands) do_command(c);
  give_hosts();
}

/// In order, and now and then once more, late.
void world::tell_from(host_id from, event_type what) {
  auto& h = hosts_.at(from);
  const bool is_birth = std::holds_alternative<event::host_ready>(what);
  if (!is_birth && chance(10))
    after(std::chrono::microseconds{2000 + roll(9000)}, [this, what] { tell(what); });
  at(in_order(h.last_to_owner, 2000), [this, what = std::move(what)] { tell(what); });
}

void world::tell_callers(std::function<void(std::size_t)> what) {
  for (std::size_t c = 0; c < callers; ++c)
    at(in_order(last_to_caller_[c], 3000), [what, c] { what(c); });
}

void world::do_command(const command_type& what) {
  ++kinds_[what.index()];
  std::visit([this](const auto& c) { on(c); }, what);
}

void world::on(const command::want& what) { wanted_[what.pool] = what.hosts; }

void world::on(const command::make& what) {
  claim(!lives_somewhere(what.actor, false), "an actor has two lives at a time");
  auto& p = plans_.at(what.actor);
  claim(!p.is_gone, "an actor is made that is gone");
  if (what.life > 1 && p.is_alone) {
    p.restarts.push_back(now_);
    std::size_t recent = 0;
    for (const auto then : p.restarts) recent += then + p.rules.within > now_ ? 1U : 0U;
    // Made a little later than it was decided: one more may fall into the time.
    claim(recent <= p.rules.most + 1U, "an actor is made anew too often");
  }
  if (!p.is_alone && p.how != strategy::one_for_one)
    for (const auto& [id, other] : plans_)
      if (id < what.actor && other.group == p.group && !other.is_gone)
        claim(told_alive_.contains(id), "a member is made before another that comes first");
  const auto found = hosts_.find(what.host);
  if (found == hosts_.end()) return;
  auto& h = found->second;
  at(in_order(h.last_to[callers], 2000), [this, what] {
    const auto still = hosts_.find(what.host);
    if (still == hosts_.end()) return;
    auto& one = still->second.lives[what.actor];
    one = {.number = what.life, .mailbox = {}};
    after(std::chrono::microseconds{roll(1000)}, [this, what] {
      const auto where = hosts_.find(what.host);
      if (where == hosts_.end()) return;
      const auto actor = where->second.lives.find(what.actor);
      if (actor == where->second.lives.end() || actor->second.number != what.life) return;
      if (!heals_ && chance(8)) {
        where->second.lives.erase(actor);
        return tell_from(what.host, event::not_made{what.host, what.actor, what.life});
      }
      actor->second.is_made = true;
      tell_from(what.host, event::made{what.host, what.actor, what.life});
      if (actor->second.is_ending) return try_to_end(what.host, what.actor, event::how_ended::told);
      if (!heals_ && chance(30))
        after(std::chrono::microseconds{roll(60000)}, [this, what] {
          const bool fails = chance(75);
          const auto there = hosts_.find(what.host);
          if (there == hosts_.end()) return;
          const auto it = there->second.lives.find(what.actor);
          if (it == there->second.lives.end() || it->second.number != what.life) return;
          if (it->second.is_ending) return;
          it->second.is_ending = true;
          try_to_end(what.host, what.actor,
                     fails ? event::how_ended::failed : event::how_ended::stopped);
        });
    });
  });
}

void world::on(const command::end& what) {
  const auto found = hosts_.find(what.host);
  if (found == hosts_.end()) return;
  at(in_order(found->second.last_to[callers], 2000), [this, what] {
    const auto still = hosts_.find(what.host);
    if (still == hosts_.end()) return;
    if (what.by_force) {
      claim(still->second.lives.size() <= 1, "a host is killed that others live on");
      if (chance(70)) return lose(what.host);
    }
    const auto it = still->second.lives.find(what.actor);
    if (it == still->second.lives.end() || it->second.number != what.life) return;
    if (std::exchange(it->second.is_ending, true)) return;
    if (it->second.is_made) try_to_end(what.host, what.actor, event::how_ended::told);
  });
}

void world::on(const command::release& what) {
  const auto found = hosts_.find(what.host);
  if (found == hosts_.end()) return;
  at(in_order(found->second.last_to[callers], 2000), [this, what] {
    const auto still = hosts_.find(what.host);
    if (still == hosts_.end()) return;
    claim(still->second.lives.empty(), "a host is released that has an actor");
    lose(what.host);
  });
}

void world::on(const command::alive& what) {
  told_alive_.insert(what.actor);
  tell_callers([this, what](std::size_t caller) {
    line::orders orders;
    auto& l = lines_[{caller, what.actor}];
    l.alive(what.life, what.host, orders);
    if (lost_.contains(what.host)) l.host_lost(what.host, orders);
    carry_out(caller, what.actor, orders);
  });
}

void world::on(const command::down& what) {
  told_alive_.erase(what.actor);
  tell_callers([this, what](std::size_t caller) { lines_[{caller, what.actor}].down(); });
}

void world::on(const command::gone& what) {
  claim(++gone_told_[what.actor] == 1, "an actor is said to be gone twice");
  ++reasons_[what.why];
  plans_.at(what.actor).is_gone = true;
  claim(what.why != reason::killed || plans_.at(what.actor).was_killed, "nobody killed it");
  tell_callers([this, what](std::size_t caller) {
    line::orders orders;
    lines_[{caller, what.actor}].gone(what.why == reason::killed, orders);
    carry_out(caller, what.actor, orders);
  });
}

void world::give_hosts() {
  for (const auto& [pool, wants] : wanted_) {
    std::size_t has = 0;
    for (const auto& [id, h] : hosts_) has += h.pool == pool ? 1U : 0U;
    for (; has < wants; ++has) {
      const host_id id{++next_host_};
      hosts_[id].pool = pool;
      hosts_[id].last_to_owner = now_ + std::chrono::microseconds{roll(3000)};
      tell_from(id, event::host_ready{id, pool});
    }
  }
}

void world::spawn_some() {
  const restart_rules rules{static_cast<std::uint32_t>(roll(4)),
                            std::chrono::milliseconds{20 + roll(200)}};
  group_id group;
  auto how = strategy::one_for_one;
  if (chance(40)) {
    group = group_id{++next_group_};
    how = static_cast<strategy>(1 + roll(3));
    tell(event::group_made{group, how, rules});
  }
  for (auto n = 1 + roll(4); n > 0; --n) {
    const actor_id id{++next_actor_};
    plans_[id] = {.group = group,
                  .how = how,
                  .rules = rules,
                  .restarts = {},
                  .is_alone = group == group_id{}};
    tell(event::spawned{id, pool_id{roll(3)}, group, rules});
  }
}

void world::kill_one() {
  if (next_actor_ == 0) return;
  const actor_id id{1 + roll(next_actor_)};
  plans_.at(id).was_killed = true;
  tell(event::kill_requested{id});
}

// Hosts.

bool world::lives_somewhere(actor_id actor, bool made) const {
  return std::ranges::any_of(hosts_, [&](const auto& h) {
    const auto found = h.second.lives.find(actor);
    return found != h.second.lives.end() && (!made || found->second.is_made);
  });
}

void world::hurt_one() {
  if (hosts_.empty()) return;
  auto victim = hosts_.begin();
  std::advance(victim, static_cast<std::ptrdiff_t>(roll(hosts_.size())));
  lose(victim->first);
}

/// The owner hears of it, and callers from it or by themselves.
void world::lose(host_id id) {
  auto& h = hosts_.at(id);
  at(in_order(h.last_to_owner, 3000), [this, id] {
    tell_callers([this, id](std::size_t caller) {
      for (auto& [key, l] : lines_) {
        if (key.first != caller) continue;
        line::orders orders;
        l.host_lost(id, orders);
        carry_out(caller, key.second, orders);
      }
    });
    tell(event::host_lost{id});
  });
  hosts_.erase(id);
  lost_.insert(id);
}

void world::arrive(host_id where, incarnation sent_to, const call_to& which) {
  const auto found = hosts_.find(where);
  if (found == hosts_.end()) return;
  const auto one = found->second.lives.find(which.actor);
  if (one == found->second.lives.end() || one->second.number != sent_to || one->second.is_ending)
    return answer(where, sent_to, which, line::answer::unbegun);
  one->second.mailbox.push_back(which);
  run_next(where, which.actor);
}

void world::answer(host_id from, incarnation sent_to, const call_to& which, line::answer how) {
  auto& h = hosts_.at(from);
  at(in_order(h.last_from[which.caller], 2000), [this, sent_to, which, how] {
    line::orders orders;
    auto& l = lines_[{which.caller, which.actor}];
    if (l.answered(which.number, sent_to, how, orders)) {
      ++ends_.done;
      claim(calls_.at(which).done > 0, "a call is said to be done that is not");
      over(which);
    }
    carry_out(which.caller, which.actor, orders);
  });
}

void world::run_next(host_id where, actor_id actor) {
  auto& one = hosts_.at(where).lives.at(actor);
  if (one.runs || one.is_ending || !one.is_made || one.mailbox.empty()) return;
  const auto which = one.mailbox.front();
  one.mailbox.pop_front();
  one.runs = true;
  auto& c = calls_.at(which);
  claim(++c.begun == 1 || c.may_repeat, "a call runs twice that may not");
  if (c.begun > 1) ++ends_.repeated;
  auto& last = last_begun_[{which.caller, which.actor}];
  if (which.caller == 0) {  // nothing of this caller is repeated
    claim(which.number > last, "calls begin in another order than theirs");
    last = which.number;
  }
  after(std::chrono::microseconds{chance(80) ? roll(300) : roll(8000)},
        [this, where, which, number = one.number] {
          const auto h = hosts_.find(where);
          if (h == hosts_.end()) return;
          const auto it = h->second.lives.find(which.actor);
          if (it == h->second.lives.end() || it->second.number != number) return;
          ++calls_.at(which).done;
          it->second.runs = false;
          answer(where, number, which, line::answer::done);
          if (it->second.is_ending)
            try_to_end(where, which.actor, event::how_ended::told);
          else
            run_next(where, which.actor);
        });
}

/// Hands back what was not begun; what runs ends first.
void world::try_to_end(host_id where, actor_id actor, event::how_ended how) {
  auto& lives = hosts_.at(where).lives;
  auto& one = lives.at(actor);
  for (; !one.mailbox.empty(); one.mailbox.pop_front())
    answer(where, one.number, one.mailbox.front(), line::answer::unbegun);
  if (one.runs) return;
  const auto number = one.number;
  lives.erase(actor);
  tell_from(where, event::ended{where, actor, number, how});
}

// Callers.

void world::call_one() {
  if (next_actor_ == 0) return;
  const std::size_t caller = roll(callers);
  const actor_id actor{1 + roll(next_actor_)};
  auto& l = lines_.try_emplace({caller, actor}, line_rules{8}).first->second;
  for (auto n = 1 + roll(6); n > 0; --n) {
    const bool is_ready = chance(85);
    const bool may_repeat = caller != 0 && chance(40);
    line::orders orders;
    const call_to next{caller, actor, l.last() + 1};
    calls_[next] = {.may_repeat = may_repeat};
    const auto entrance = l.enter(is_ready, may_repeat, orders);
    if (entrance != line::entrance::entered) {
      calls_.erase(next);
      continue;
    }
    if (!is_ready) {
      unready_.insert(next);
      after(std::chrono::microseconds{roll(4000)}, [this, next] {
        line::orders later;
        unready_.erase(next);
        lines_[{next.caller, next.actor}].ready(next.number, later);
        carry_out(next.caller, next.actor, later);
      });
    }
    carry_out(caller, actor, orders);
  }
}

void world::drop_one() {
  if (calls_.empty()) return;
  auto victim = calls_.begin();
  std::advance(victim, static_cast<std::ptrdiff_t>(roll(calls_.size())));
  if (victim->second.ends > 0) return;
  const auto which = victim->first;
  ++ends_.dropped;
  over(which);
  line::orders orders;
  lines_[{which.caller, which.actor}].drop(which.number, orders);
  carry_out(which.caller, which.actor, orders);
}

void world::carry_out(std::size_t caller, actor_id actor, const line::orders& orders) {
  auto& l = lines_[{caller, actor}];
  const auto broken = l.broken_invariant();
  claim(broken.empty(), broken);
  const auto to = l.host();
  for (const auto& one : orders) {
    if (const auto* send = std::get_if<line_command::send>(&one)) {
      const call_to which{caller, actor, send->call};
      claim(!unready_.contains(which), "a call is sent that is not ready");
      const auto h = hosts_.find(to);
      if (h == hosts_.end()) continue;
      at(in_order(h->second.last_to[caller], 2000),
         [this, to, life = send->life, which] { arrive(to, life, which); });
    } else if (const auto* unknown = std::get_if<line_command::unknown>(&one)) {
      ++ends_.unknown;
      over({caller, actor, unknown->call});
    } else if (const auto* dead = std::get_if<line_command::dead>(&one)) {
      const call_to which{caller, actor, dead->call};
      ++(dead->was_sent ? ends_.dead_sent : ends_.dead_unsent);
      const auto& c = calls_.at(which);
      claim(dead->was_sent || c.begun == 0 || c.may_repeat,
            "a call is said not to have begun that has");
      over(which);
    }
  }
}

void world::over(const call_to& which) { claim(++calls_.at(which).ends == 1, "a call ends twice"); }

std::string world::play() {
  const auto rage_ends = now_ + 300ms;
  for (int i = 0; i < 4; ++i)
    after(std::chrono::microseconds{roll(100000)}, [this] { spawn_some(); });
  for (int i = 0; i < 60; ++i)
    after(std::chrono::microseconds{roll(280000)}, [this] { call_one(); });
  for (int i = 0; i < 15; ++i)
    after(std::chrono::microseconds{roll(280000)}, [this] { drop_one(); });
  for (int i = 0; i < 2; ++i)
    after(std::chrono::microseconds{roll(250000)}, [this] { kill_one(); });
  for (int i = 0; i < 6; ++i)
    after(std::chrono::microseconds{roll(250000)}, [this] { hurt_one(); });
  at(rage_ends, [this] { heals_ = true; });
  const auto gives_up = rage_ends + 60s;
  while (!agenda_.empty() && broken_.empty() && agenda_.top().when < gives_up) {
    const auto next = agenda_.top();
    agenda_.pop();
    now_ = next.when;
    next.what();
  }
  for (const auto& [which, c] : calls_) claim(c.ends == 1, "a call has no end");
  for (const auto& [id, p] : plans_) {
    const auto state = book_.state_of(id);
    claim(state == (p.is_gone ? actor_state::gone : actor_state::alive),
          "an actor is neither alive nor gone in the end");
    claim(p.is_gone || lives_somewhere(id, true), "an actor that is alive is nowhere");
  }
  for (const auto& [key, l] : lines_)
    claim(l.pending() == 0, "a line has pending calls in the end");
  tell(event::closed{});
  claim(book_.actors() == 0, "the book has actors in the end");
  return broken_;
}

}  // namespace fabric::roster
