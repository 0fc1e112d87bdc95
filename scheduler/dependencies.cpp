#include "scheduler/dependencies.hpp"

#include <algorithm>

namespace fabric::scheduler {

void dependency_graph::block(job_id job, const std::vector<job_id>& on) {
  waits_for_[job] = on;
  for (job_id other : on) waiting_[other].insert(job);
}

std::vector<job_id> dependency_graph::satisfied(job_id on) {
  std::vector<job_id> free;
  const auto found = waiting_.find(on);
  if (found == waiting_.end()) return free;
  for (job_id job : found->second) {
    auto& open = waits_for_.at(job);
    std::erase(open, on);
    if (!open.empty()) continue;
    waits_for_.erase(job);
    free.push_back(job);
  }
  waiting_.erase(on);
  return free;
}

std::vector<job_id> dependency_graph::doomed(job_id on) {
  const auto found = waiting_.find(on);
  if (found == waiting_.end()) return {};
  const std::vector<job_id> all(found->second.begin(), found->second.end());
  for (job_id job : all) drop(job);
  return all;
}

void dependency_graph::drop(job_id job) {
  const auto found = waits_for_.find(job);
  if (found == waits_for_.end()) return;
  for (job_id on : found->second) {
    const auto others = waiting_.find(on);
    others->second.erase(job);
    if (others->second.empty()) waiting_.erase(others);
  }
  waits_for_.erase(found);
}

std::vector<job_id> dependency_graph::waits_for(job_id job) const {
  const auto found = waits_for_.find(job);
  if (found == waits_for_.end()) return {};
  std::vector<job_id> all = found->second;
  std::sort(all.begin(), all.end());
  return all;
}

bool dependency_graph::is_consistent() const {
  std::size_t forward = 0;
  std::size_t backward = 0;
  for (const auto& [job, on] : waits_for_) {
    if (on.empty()) return false;
    forward += on.size();
    for (job_id other : on) {
      const auto found = waiting_.find(other);
      if (found == waiting_.end() || !found->second.contains(job)) return false;
    }
  }
  for (const auto& [on, jobs] : waiting_) backward += jobs.size();
  return forward == backward;
}

}  // namespace fabric::scheduler
