#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "scheduler/job.hpp"

/// What the scheduler must not forget, as rows. A step's records are committed in one transaction
/// before any other command of that step is carried out.
namespace fabric::scheduler::record {

/// A new job with its `count` tasks. UNIQUE(id), UNIQUE(key) where key is not empty.
struct job_added {
  job_id id;
  std::shared_ptr<const job> what;
};

/// The newest attempt of a task, and the node that holds it. Upsert by task.
struct attempt_granted {
  attempt_id id;
  node_id node;
  std::vector<gpu_share> gpus;
};

/// The task is no longer held and not final: it waits again. Upsert by task; keeps the counters
/// that decide over its future.
struct task_released {
  task_id task;
  attempt_number last_attempt = 0;
  std::uint32_t failures = 0;  ///< counted against retries
  std::uint32_t crashes = 0;   ///< in a row
  std::uint32_t lost = 0;      ///< attempts that ended without a result of theirs being recorded
};

/// The task's one final state. Upsert by task; never changes again.
struct task_finished {
  task_id task;
  task_state state = task_state::succeeded;
  attempt_number attempt = 0;  ///< whose result it is; 0 where no attempt was made
  node_id node;
  std::uint32_t failures = 0;
  std::uint32_t lost = 0;
  std::string report;  ///< opaque (transport/work.hpp), may be empty
};

/// All tasks of `job` that wait are cancelled, in one record: a cancelled array of a million tasks
/// is one row, not a million. Those that are held end by a `task_finished` of their own.
struct job_cancelled {
  job_id job;
  std::string reason = {};  ///< for people; may be empty
};

/// A node that was seen, so that a restarted head knows whom it waits for.
struct node_seen {
  node_id node;
  std::string name;
  std::uint64_t incarnation = 0;
  std::string boot_id;
  bool draining = false;
};
struct node_forgotten {
  node_id node;
};

}  // namespace fabric::scheduler::record

namespace fabric::scheduler {

using record_type = std::variant<record::job_added, record::attempt_granted, record::task_released,
                                 record::task_finished, record::job_cancelled, record::node_seen,
                                 record::node_forgotten>;

/// The live part of a store's content, in ascending order of job and task, as `restore` needs it.
struct snapshot {
  struct task {
    std::uint32_t index = 0;
    task_state state = task_state::queued;  ///< queued, running (held), or final
    attempt_number attempt = 0;             ///< the newest attempt made
    node_id node;                           ///< holder, where held
    std::vector<gpu_share> gpus;            ///< held ones
    std::uint32_t failures = 0;
    std::uint32_t crashes = 0;
    std::uint32_t lost = 0;
  };
  struct job_row {
    job_id id;
    std::shared_ptr<const job> what;
    bool cancelled = false;     ///< every task not listed in `touched` is cancelled
    std::vector<task> touched;  ///< tasks with any row of their own; others are queued as submitted
  };
  struct finished_job {  ///< all tasks final: only the verdict is kept in memory
    job_id id;
    bool all_succeeded = false;
    std::string key;
    std::uint64_t content_hash =
        0;  ///< `content_hash(job)` of what was submitted, for key conflicts
  };
  std::vector<job_row> jobs;
  std::vector<finished_job> finished;
  std::vector<record::node_seen> nodes;
  job_id last_job;  ///< highest id ever given
};

/// Equal for equal jobs apart from `submitter`; stable across versions and machines (FNV-1a over a
/// canonical spelling). Decides whether a repeated key means the same submission.
std::uint64_t content_hash(const job& what);

}  // namespace fabric::scheduler
