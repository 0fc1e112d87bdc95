#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "fabric/ids.hpp"

namespace fabric::scheduler {

/// Which jobs wait for which. A job is in here while it is blocked.
class dependency_graph {
 public:
  /// `job` waits for each of `on`: not empty, no job twice, all live.
  void block(job_id job, const std::vector<job_id>& on);

  /// `on` has succeeded: the jobs that wait for nothing any more, in ascending order.
  std::vector<job_id> satisfied(job_id on);
  /// `on` can no longer succeed: every job that waited for it, in ascending order.
  std::vector<job_id> doomed(job_id on);
  /// `job` no longer waits, because it was cancelled or has expired.
  void drop(job_id job);

  [[nodiscard]] bool is_blocked(job_id job) const { return waits_for_.contains(job); }
  /// What it still waits for, ascending.
  [[nodiscard]] std::vector<job_id> waits_for(job_id job) const;
  /// Both directions tell the same; for invariants.
  [[nodiscard]] bool is_consistent() const;
  [[nodiscard]] std::size_t size() const { return waits_for_.size(); }

 private:
  std::map<job_id, std::vector<job_id>> waits_for_;
  std::map<job_id, std::set<job_id>> waiting_;
};

}  // namespace fabric::scheduler
