#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "actors/spawner/task.hpp"

namespace fabric::spawner {

using tasks_by_main = std::unordered_map<pid_t, std::unique_ptr<task>>;

/// Processes that tasks have left behind. When a parent dies its children become the spawner's,
/// because it is a subreaper; so whatever a task has left is one of the spawner's children, or
/// below one. Each orphan has a set of possible owners (main pids of tasks): exactly one where its
/// session, cgroup or FABRIC_ATTEMPT_ID tells, else every task that was there when it was first
/// seen. It lives until the last of them has ended.
class orphans {
 public:
  /// Takes up the children of this process that are neither mains nor known yet.
  void look(const tasks_by_main& tasks);

  /// The task has no main process any more: answers the orphans that nobody else can own, which
  /// have to go before the task is over; withdraws its claim to the others.
  std::vector<pid_t> claim(pid_t main);

  /// Orphans with this task as the only possible owner.
  [[nodiscard]] std::vector<pid_t> of(pid_t main) const;

  /// Those that no task of now can own.
  [[nodiscard]] std::vector<pid_t> ownerless() const;

  /// It was reaped. Answers its owner if that is certain.
  std::optional<pid_t> reaped(pid_t orphan);

 private:
  std::map<pid_t, std::set<pid_t>> owners_;
};

}  // namespace fabric::spawner
