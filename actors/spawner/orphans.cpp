#include "actors/spawner/orphans.hpp"

#include <algorithm>

#include "actors/spawner/process_tree.hpp"

namespace fabric::spawner {

namespace {

std::set<pid_t> owner_by_cgroup(pid_t orphan, const tasks_by_main& tasks) {
  std::string groups;
  for (const auto& [main, t] : tasks) {
    if (!t->leaf) continue;
    if (groups.empty()) groups = cgroups_of(orphan);
    if (groups.find("/" + t->leaf->name() + "\n") != std::string::npos) return {main};
  }
  return {};
}

std::set<pid_t> owners_of(pid_t orphan, const tasks_by_main& tasks) {
  // The number of a session is not given to a new process while the session has members.
  if (const auto entry = look_at(orphan); entry && tasks.contains(entry->session))
    return {entry->session};
  if (auto owner = owner_by_cgroup(orphan, tasks); !owner.empty()) return owner;
  if (const auto marker = attempt_marker(orphan); marker && !marker->empty())
    for (const auto& [main, t] : tasks)
      if (t->marker == *marker) return {main};
  std::set<pid_t> all;
  for (const auto& [main, t] : tasks) all.insert(main);
  return all;
}

}  // namespace

void orphans::look(const tasks_by_main& tasks) {
  for (const pid_t child : own_children())
    if (!tasks.contains(child) && !owners_.contains(child))
      owners_.emplace(child, owners_of(child, tasks));
}

std::vector<pid_t> orphans::claim(pid_t main) {
  std::vector<pid_t> mine = of(main);
  for (auto& [orphan, owners] : owners_)
    if (owners.size() > 1) owners.erase(main);
  return mine;
}

std::vector<pid_t> orphans::of(pid_t main) const {
  std::vector<pid_t> mine;
  for (const auto& [orphan, owners] : owners_)
    if (owners.size() == 1 && owners.contains(main)) mine.push_back(orphan);
  return mine;
}

std::vector<pid_t> orphans::ownerless() const {
  std::vector<pid_t> found;
  for (const auto& [orphan, owners] : owners_)
    if (owners.empty()) found.push_back(orphan);
  return found;
}

std::optional<pid_t> orphans::reaped(pid_t orphan) {
  const auto it = owners_.find(orphan);
  if (it == owners_.end()) return {};
  std::optional<pid_t> owner;
  if (it->second.size() == 1) owner = *it->second.begin();
  owners_.erase(it);
  return owner;
}

}  // namespace fabric::spawner
