#pragma once

#include <map>
#include <set>
#include <vector>

#include "fabric/ids.hpp"

namespace fabric::scheduler {

/// Which live jobs belong to which program. Jobs of nobody are not in it.
class ownership {
 public:
  void add(program_id owner, job_id job) {
    if (owner != program_id{}) jobs_[owner].insert(job);
  }

  void remove(program_id owner, job_id job) {
    const auto found = jobs_.find(owner);
    if (found == jobs_.end()) return;
    found->second.erase(job);
    if (found->second.empty()) jobs_.erase(found);
  }

  /// In the order of their submission; a copy, since ending them changes this.
  [[nodiscard]] std::vector<job_id> of(program_id owner) const {
    const auto found = jobs_.find(owner);
    if (found == jobs_.end()) return {};
    return {found->second.begin(), found->second.end()};
  }

  [[nodiscard]] bool has(program_id owner, job_id job) const {
    const auto found = jobs_.find(owner);
    return found != jobs_.end() && found->second.contains(job);
  }

  [[nodiscard]] std::vector<program_id> owners() const {
    std::vector<program_id> all;
    for (const auto& [owner, jobs] : jobs_) all.push_back(owner);
    return all;
  }

 private:
  std::map<program_id, std::set<job_id>> jobs_;
};

}  // namespace fabric::scheduler
