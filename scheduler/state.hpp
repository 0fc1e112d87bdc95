#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scheduler/dependencies.hpp"
#include "scheduler/engine.hpp"
#include "scheduler/finished.hpp"
#include "scheduler/job_table.hpp"
#include "scheduler/key_index.hpp"
#include "scheduler/lease_book.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/node_table.hpp"
#include "scheduler/outbox.hpp"
#include "scheduler/ownership.hpp"
#include "scheduler/timers.hpp"
#include "scheduler/waiting_line.hpp"

namespace fabric::scheduler {

/// What the scheduler knows, one table for each noun. The tables keep their own order; what must
/// hold between them is kept by transitions.hpp and checked by invariant.hpp:
/// - a task is granted or running exactly where the lease book has it;
/// - a node's inventory and `held` have exactly the leases that name it;
/// - a job is in its demand's line exactly while it has a queued task and is neither blocked nor
///   cancelled.
struct state {
  explicit state(settings chosen) : how(std::move(chosen)) {}

  settings how;
  instant clock{};  ///< the latest time seen
  job_id last_job;
  job_table jobs;
  finished_index finished;
  key_index keys;
  ownership owned;
  dependency_graph dependencies;
  waiting_line line;
  std::set<class_number> saving;  ///< demands for which a node is kept free
  node_table nodes;
  lease_book leases;
  timers<task_id> retries;
  timers<job_id> expiries;
  instant press_at = never;               ///< when programs are told next that others wait
  std::set<node_id> contested;            ///< nodes where a claim of what was lent waits, or did
  std::map<job_id, std::string> reasons;  ///< why live jobs were cancelled
  counters count;

  // Of the step in progress.
  outbox out;
  std::set<node_id> changed_nodes;
  std::vector<job_id> done_jobs;     ///< became final
  std::vector<job_id> spoiled_jobs;  ///< can no longer succeed as a whole

  /// Unheard for longer, a node gets no new work.
  [[nodiscard]] duration silence() const { return 2 * std::min(how.heartbeat, how.lease / 5); }
  [[nodiscard]] instant lease_end() const {
    if (mutant::is_on("head_halves_lease")) return clock + how.lease / 2;
    return clock + how.lease + how.margin;
  }
};

}  // namespace fabric::scheduler
