#include "scheduler/actors/book.hpp"

#include <algorithm>
#include <utility>

#include "scheduler/mutant.hpp"

namespace fabric::roster {

void book::step(const event_type& what, instant now, std::vector<command_type>& out) {
  now_ = now;
  out_ = &out;
  std::visit([this](const auto& e) { on(e); }, what);
  if (!is_closed_) place_all();
  release_idle_hosts();
  if (!is_closed_) say_wants();
  touched_.clear();
  out_ = nullptr;
}

actor_state book::state_of(actor_id id) const {
  const auto found = actors_.find(id);
  if (found == actors_.end()) return actor_state::gone;
  const auto& a = found->second;
  return a.state == actor_state::ending && !a.comes_back ? actor_state::gone : a.state;
}

incarnation book::life_of(actor_id id) const {
  const auto found = actors_.find(id);
  return found == actors_.end() ? 0 : found->second.life;
}

/// The actor, where it is this life of it that lives on this host.
book::actor* book::find(host_id where, actor_id id, incarnation life) {
  const auto found = actors_.find(id);
  if (found == actors_.end()) return nullptr;
  auto& a = found->second;
  const bool is_it = a.host == where && a.life == life && a.state != actor_state::waiting;
  return is_it || mutant::is_on("old_life_heard") ? &a : nullptr;
}

// What the program asks for.

void book::on(const event::group_made& what) {
  groups_.try_emplace(what.group, group{what.how, what.rules, false, {}, {}});
}

void book::on(const event::spawned& what) {
  group_id in = what.group;
  if (in == group_id{} || !groups_.contains(in)) {
    in = group_id{++own_groups_};
    groups_[in] = {strategy::one_for_one, what.rules, true, {}, {}};
  }
  groups_.at(in).members.insert(what.actor);
  auto& a = actors_[what.actor];
  a = {.group = in, .pool = what.pool};
  auto& p = pools_[what.pool];
  p.was_used = true;
  ++p.living;
  ++living_;
  p.waiting.insert(what.actor);
  touch(what.pool);
  if (!is_closed_) return;
  say_gone(what.actor, a, reason::closed);
  forget(what.actor);
}

void book::on(const event::kill_requested& what) {
  const auto found = actors_.find(what.actor);
  if (found == actors_.end()) return;
  auto& a = found->second;
  switch (a.state) {
    case actor_state::waiting: {
      say_gone(what.actor, a, reason::killed);
      leave_host(what.actor, a);
      forget(what.actor);
      return;
    }
    case actor_state::making:
    case actor_state::alive:
      a.ends_its_host = a.pool != pool_id{};
      out_->emplace_back(command::end{a.host, what.actor, a.life, a.ends_its_host});
      a.state = actor_state::ending;
      a.comes_back = false;
      return say_gone(what.actor, a, reason::killed);
    case actor_state::ending:
      if (!std::exchange(a.comes_back, false)) return;
      a.ends_its_host = a.pool != pool_id{};
      if (a.ends_its_host) out_->emplace_back(command::end{a.host, what.actor, a.life, true});
      return say_gone(what.actor, a, reason::killed);
    case actor_state::gone: return;
  }
}

void book::on(const event::closed&) {
  is_closed_ = true;
  for (auto& [id, a] : actors_)
    if (state_of(id) != actor_state::gone) say_gone(id, a, reason::closed);
  actors_.clear();
  groups_.clear();
  for (auto& [id, p] : pools_) p.waiting.clear();
  for (auto& [id, h] : hosts_) {
    h.actors.clear();
    touch(h.pool);
  }
}

// What hosts say.

void book::on(const event::host_ready& what) {
  hosts_[what.host] = {.pool = what.pool, .actors = {}};
  pools_[what.pool].hosts.insert(what.host);
  touch(what.pool);
}

void book::on(const event::host_lost& what) {
  const auto found = hosts_.find(what.host);
  if (found == hosts_.end()) return;
  const auto lived = std::move(found->second.actors);
  touch(found->second.pool);
  pools_.at(found->second.pool).hosts.erase(what.host);
  hosts_.erase(found);
  std::set<actor_id> fallen;
  for (const actor_id id : lived) {
    auto& a = actors_.at(id);
    a.host = {};
    if (a.state == actor_state::waiting) continue;
    if (a.state != actor_state::ending) {
      fallen.insert(id);
    } else if (a.comes_back) {
      come_back(id, a);
    } else {
      forget(id);
    }
  }
  fell(fallen, reason::host_lost);
}

void book::on(const event::pool_refused& what) {
  const auto found = pools_.find(what.pool);
  if (found == pools_.end()) return;
  touch(what.pool);
  found->second.wanted = 0;
  for (const actor_id id : std::set(found->second.waiting)) {
    auto& a = actors_.at(id);
    if (a.host != host_id{} || (what.pool == pool_id{} && !found->second.hosts.empty())) continue;
    say_gone(id, a, reason::infeasible);
    forget(id);
  }
}

void book::on(const event::made& what) {
  auto* a = find(what.host, what.actor, what.life);
  if (a == nullptr || a->state != actor_state::making) return;
  a->state = actor_state::alive;
  touch(a->pool);
  for (const actor_id sibling : groups_.at(a->group).members) touch(actors_.at(sibling).pool);
  out_->emplace_back(command::alive{what.actor, a->life, a->host});
}

void book::on(const event::not_made& what) {
  auto* a = find(what.host, what.actor, what.life);
  if (a == nullptr) return;
  if (a->state == actor_state::ending)
    return on(event::ended{what.host, what.actor, what.life, event::how_ended::told});
  if (a->state != actor_state::making) return;
  if (a->restarts > 0) return fell({what.actor}, reason::failed);
  say_gone(what.actor, *a, reason::not_made);
  leave_host(what.actor, *a);
  forget(what.actor);
}

void book::on(const event::ended& what) {
  auto* a = find(what.host, what.actor, what.life);
  if (a == nullptr) return;
  if (a->state == actor_state::ending) {
    if (a->comes_back) return come_back(what.actor, *a);
    leave_host(what.actor, *a);
    return forget(what.actor);
  }
  if (a->state != actor_state::alive && a->state != actor_state::making) return;
  if (what.how == event::how_ended::failed) return fell({what.actor}, reason::failed);
  say_gone(what.actor, *a, reason::stopped);
  leave_host(what.actor, *a);
  forget(what.actor);
}

// Supervision.

/// These are not there any more, at one stroke: for each group that is one failure.
void book::fell(const std::set<actor_id>& which, reason why) {
  std::map<group_id, std::set<actor_id>> by_group;
  for (const actor_id id : which) by_group[actors_.at(id).group].insert(id);
  for (const auto& [id, fallen] : by_group) {
    auto& g = groups_.at(id);
    if (!counts_one_more(g)) {
      give_up(g, fallen, g.rules.most == 0 ? why : reason::restart_limit);
      continue;
    }
    g.restarts.push_back(now_);
    auto from = g.members.end();
    if (g.how == strategy::one_for_all) from = g.members.begin();
    if (g.how == strategy::rest_for_one) from = g.members.find(*fallen.begin());
    for (const actor_id one : fallen) come_back(one, actors_.at(one));
    for (; from != g.members.end(); ++from)
      if (!fallen.contains(*from)) end_to_come_back(*from, actors_.at(*from));
  }
}

/// Whether the rules allow another restart.
bool book::counts_one_more(group& g) const {
  while (!g.restarts.empty() && g.restarts.front() + g.rules.within <= now_) g.restarts.pop_front();
  return g.restarts.size() < g.rules.most || mutant::is_on("restarts_unlimited");
}

void book::give_up(group& g, const std::set<actor_id>& fallen, reason why) {
  for (const actor_id id : std::set(g.members)) {
    auto& a = actors_.at(id);
    const bool has_ended = fallen.contains(id) || a.state == actor_state::waiting;
    if (!has_ended && a.state != actor_state::ending) {
      out_->emplace_back(command::end{a.host, id, a.life});
      a.state = actor_state::ending;
    }
    a.comes_back = false;
    say_gone(id, a, fallen.contains(id) ? why : reason::restart_limit);
    if (!has_ended) continue;
    leave_host(id, a);
    forget(id);
  }
}

/// Its life is over; the next one waits.
void book::come_back(actor_id id, actor& a) {
  if (a.state == actor_state::alive || a.state == actor_state::making)
    out_->emplace_back(command::down{id});
  a.state = actor_state::waiting;
  if (!mutant::is_on("same_life_again")) ++a.life;
  ++a.restarts;
  auto& p = pools_.at(a.pool);
  p.waiting.insert(id);
  for (const actor_id sibling : groups_.at(a.group).members) touch(actors_.at(sibling).pool);
}

void book::end_to_come_back(actor_id id, actor& a) {
  if (a.state != actor_state::alive && a.state != actor_state::making) return;
  out_->emplace_back(command::end{a.host, id, a.life});
  out_->emplace_back(command::down{id});
  if (mutant::is_on("next_life_early")) {
    a.state = actor_state::ending;
    return come_back(id, a);
  }
  a.state = actor_state::ending;
  a.comes_back = true;
}

// Ends.

/// Said once: from here on it counts as gone, though it may still end.
void book::say_gone(actor_id id, actor& a, reason why) {
  out_->emplace_back(command::gone{id, why, a.restarts});
  --living_;
  auto& p = pools_.at(a.pool);
  --p.living;
  p.waiting.erase(id);
  touch(a.pool);
  const auto in = groups_.find(a.group);
  in->second.members.erase(id);
  for (const actor_id sibling : in->second.members) touch(actors_.at(sibling).pool);
  if (in->second.is_of_one) groups_.erase(in);
}

/// What lived on a host of its own leaves it behind unused.
void book::leave_host(actor_id id, actor& a) {
  const auto found = hosts_.find(a.host);
  if (found == hosts_.end()) return;
  found->second.actors.erase(id);
  touch(a.pool);
  a.host = {};
  if (a.pool == pool_id{} || std::exchange(found->second.is_leaving, true)) return;
  out_->emplace_back(command::release{found->first, a.ends_its_host});
}

void book::forget(actor_id id) { actors_.erase(id); }

// Places.

void book::place_all() {
  for (const pool_id id : touched_) {
    auto& p = pools_[id];
    if (p.hosts.empty()) continue;
    for (auto at = p.waiting.begin(); at != p.waiting.end();) {
      auto& a = actors_.at(*at);
      const host_id where = may_be_made(*at, a) ? host_for(a, p) : host_id{};
      if (where == host_id{}) {
        ++at;
        continue;
      }
      a.host = where;
      a.state = actor_state::making;
      hosts_.at(where).actors.insert(*at);
      out_->emplace_back(command::make{where, *at, a.life});
      at = p.waiting.erase(at);
    }
  }
}

/// In its turn: those before it are alive, and nothing of its group is ending.
bool book::may_be_made(actor_id id, const actor& a) const {
  const auto& g = groups_.at(a.group);
  if (g.how == strategy::one_for_one || mutant::is_on("order_of_group_ignored")) return true;
  for (const actor_id other : g.members) {
    const auto state = actors_.at(other).state;
    if (state == actor_state::ending || (other < id && state != actor_state::alive)) return false;
  }
  return true;
}

host_id book::host_for(const actor& a, const pool& p) const {
  if (a.host != host_id{}) return a.host;
  if (a.pool == pool_id{}) return *p.hosts.begin();
  for (const host_id id : p.hosts) {
    const auto& h = hosts_.at(id);
    if (!h.is_leaving && (h.actors.empty() || mutant::is_on("hosts_shared"))) return id;
  }
  return {};
}

/// A host of its own that nobody waits for.
void book::release_idle_hosts() {
  for (const pool_id id : touched_) {
    if (id == pool_id{} && !is_closed_) continue;
    const auto& p = pools_[id];
    std::size_t unplaced = 0;  // actors that wait for a host
    for (const actor_id one : p.waiting) unplaced += actors_.at(one).host == host_id{} ? 1U : 0U;
    for (const host_id one : p.hosts) {
      auto& h = hosts_.at(one);
      if (!h.actors.empty() || h.is_leaving) continue;
      if (unplaced > 0) {
        --unplaced;
        continue;
      }
      h.is_leaving = true;
      out_->emplace_back(command::release{one, is_closed_});
    }
  }
}

void book::say_wants() {
  for (const pool_id id : touched_) {
    auto& p = pools_[id];
    const std::uint32_t wants =
        id == pool_id{} ? (p.living > 0 || !p.hosts.empty() ? 1 : 0) : p.living;
    if (wants == std::exchange(p.wanted, wants)) continue;
    out_->emplace_back(command::want{id, wants});
  }
}

}  // namespace fabric::roster
