#pragma once

#include <map>
#include <set>
#include <vector>

#include "fabric/ids.hpp"

namespace fabric::actors {

/// Which sessions want to hear of which jobs.
class watchers {
 public:
  void add(session_id who, job_id what) {
    by_job_[what].insert(who);
    by_session_[who].insert(what);
  }
  void forget(session_id who) {
    auto found = by_session_.find(who);
    if (found == by_session_.end()) return;
    for (job_id job : found->second) drop(job, who);
    by_session_.erase(found);
  }
  /// The job is over: nobody will hear of it again.
  void forget(job_id what) {
    auto found = by_job_.find(what);
    if (found == by_job_.end()) return;
    for (session_id who : found->second) by_session_[who].erase(what);
    by_job_.erase(found);
  }
  [[nodiscard]] std::vector<session_id> of(job_id what) const {
    auto found = by_job_.find(what);
    if (found == by_job_.end()) return {};
    return {found->second.begin(), found->second.end()};
  }

 private:
  void drop(job_id job, session_id who) {
    auto found = by_job_.find(job);
    if (found == by_job_.end()) return;
    found->second.erase(who);
    if (found->second.empty()) by_job_.erase(found);
  }
  std::map<job_id, std::set<session_id>> by_job_;
  std::map<session_id, std::set<job_id>> by_session_;
};

}  // namespace fabric::actors
