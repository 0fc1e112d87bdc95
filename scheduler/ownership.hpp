#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <vector>

#include "fabric/ids.hpp"

namespace fabric::scheduler {

/// Which live jobs belong to which program, and how many tasks of theirs are held in all: where
/// jobs are compared by what they hold, those of a program count as one. Jobs of nobody are not in
/// it.
class ownership {
 public:
  void add(program_id owner, job_id job) {
    if (owner != program_id{}) estates_[owner].jobs.insert(job);
  }

  /// Precondition: it holds nothing any more.
  void remove(program_id owner, job_id job) {
    const auto found = estates_.find(owner);
    if (found == estates_.end()) return;
    found->second.jobs.erase(job);
    if (found->second.jobs.empty()) estates_.erase(found);
  }

  /// Precondition: the owner has jobs.
  void count_held(program_id owner, std::size_t before, std::size_t after) {
    auto& held = estates_.at(owner).held;
    held = held - before + after;
  }

  /// In the order of their submission; a copy, since ending them changes this.
  [[nodiscard]] std::vector<job_id> of(program_id owner) const {
    const auto found = estates_.find(owner);
    if (found == estates_.end()) return {};
    return {found->second.jobs.begin(), found->second.jobs.end()};
  }

  [[nodiscard]] std::size_t held_by(program_id owner) const {
    const auto found = estates_.find(owner);
    return found == estates_.end() ? 0 : found->second.held;
  }

  [[nodiscard]] bool has(program_id owner, job_id job) const {
    const auto found = estates_.find(owner);
    return found != estates_.end() && found->second.jobs.contains(job);
  }

  [[nodiscard]] bool empty() const { return estates_.empty(); }

  [[nodiscard]] std::vector<program_id> owners() const {
    std::vector<program_id> all;
    for (const auto& [owner, estate] : estates_) all.push_back(owner);
    return all;
  }

 private:
  struct estate {
    std::set<job_id> jobs;
    std::size_t held = 0;
  };
  std::map<program_id, estate> estates_;
};

}  // namespace fabric::scheduler
