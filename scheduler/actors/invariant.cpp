#include "scheduler/actors/book.hpp"

namespace fabric::roster {

std::string book::broken_invariant() const {
  std::size_t living = 0;
  std::map<pool_id, std::uint32_t> in_pool;
  std::map<host_id, std::size_t> on_host;
  for (const auto& [id, a] : actors_) {
    const bool is_gone = a.state == actor_state::ending && !a.comes_back;
    if (!is_gone) {
      ++living;
      ++in_pool[a.pool];
      const auto g = groups_.find(a.group);
      if (g == groups_.end() || !g->second.members.contains(id))
        return "an actor is not in its group";
    }
    if (a.state == actor_state::waiting && !pools_.at(a.pool).waiting.contains(id))
      return "an actor that waits is not in the line";
    if (a.state != actor_state::waiting && a.host == host_id{}) return "an actor lives nowhere";
    if (a.host == host_id{}) continue;
    const auto h = hosts_.find(a.host);
    if (h == hosts_.end()) return "an actor lives on a host that is not there";
    if (!h->second.actors.contains(id)) return "a host does not know an actor of its own";
    if (h->second.pool != a.pool) return "an actor lives on a host of another pool";
    ++on_host[a.host];
  }
  if (living != living_) return "actors are miscounted";
  for (const auto& [id, h] : hosts_) {
    if (h.actors.size() != on_host[id]) return "a host believes in an actor that is not there";
    if (h.pool != pool_id{} && h.actors.size() > 1) return "two actors share a host of one";
    if (!pools_.at(h.pool).hosts.contains(id)) return "a host is not in its pool";
  }
  for (const auto& [id, p] : pools_) {
    if (p.living != in_pool[id]) return "a pool miscounts its actors";
    for (const actor_id one : p.waiting)
      if (actors_.at(one).state != actor_state::waiting) return "one waits in line that does not";
  }
  for (const auto& [id, g] : groups_) {
    if (g.restarts.size() > g.rules.most) return "a group had more restarts than it may";
    if (g.is_of_one && g.members.size() != 1) return "a group of one has another size";
  }
  return {};
}

}  // namespace fabric::roster
