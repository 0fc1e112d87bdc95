#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/event.hpp"
#include "scheduler/record.hpp"

/// Everything the scheduler can ask for. `persist` first: a step's other commands are carried out
/// only after all of its records are committed, in order.
namespace fabric::scheduler::command {

struct persist {
  record_type what;
};

/// Start this attempt on the node. `worker_time` is the newest time of its own that the node told
/// us; the attempt's lease ends at that time + `lease` on the node's clock (never counted from
/// receipt: a grant delayed in the network would otherwise outlive the head's patience).
struct grant {
  node_id node;
  session_id session;
  attempt_id id;
  std::shared_ptr<const job> what;
  std::vector<gpu_share> gpus;
  instant worker_time;
  duration lease{0};
};

/// Stop these attempts: SIGTERM, then SIGKILL after `grace`. They still end with a report.
struct revoke {
  node_id node;
  session_id session;
  attempt_id id;
  duration grace{0};
  ending because = ending::cancelled;  ///< cancelled or preempted
};

/// Answer to `node_joined`: go on with `keep`, kill `kill` (stale or unknown attempts).
struct welcome {
  node_id node;
  session_id session;
  std::vector<attempt_id> keep;
  std::vector<attempt_id> kill;
  instant worker_time;
  duration lease{0};
};

/// Answer to `node_joined` that may not join (another live daemon has the same node id).
struct refuse_node {
  node_id node;
  session_id session;
  fault why;
};

/// Answer to a heartbeat: the node's leases now end at `worker_time` + `lease` on its clock.
struct renew {
  node_id node;
  session_id session;
  instant worker_time;
  duration lease{0};
};

/// The report is durable (or known to be stale): the node may forget it.
struct acknowledge_report {
  node_id node;
  session_id session;
  attempt_id id;
  bool stale = false;  ///< a newer attempt exists or the task is final by another: counted
};

/// Answers to clients.
struct job_accepted {
  event::asker to;
  job_id id;
  bool existed = false;   ///< the key was known: this is the earlier job
  std::string note = {};  ///< for people: that no node known now could ever run it; else empty
};
struct request_refused {
  event::asker to;
  fault why;
};
/// Answer to cancel_requested, drain_requested and forget_requested.
struct request_done {
  event::asker to;
  std::string note;  ///< "cancelled", "already succeeded": for people
};

/// A task changed its state: for watchers and the log. `report` only with a final state. The tasks
/// of an array that was cancelled as a whole before they were ever granted get none of their own:
/// `job_finished` speaks for them.
struct task_changed {
  task_id task;
  task_state state = task_state::queued;
  attempt_number attempt = 0;
  node_id node;
  std::string report;
};
/// Every task of the job is final.
struct job_finished {
  job_id job;
  bool all_succeeded = false;
  std::string reason = {};  ///< for people: why it was cancelled; else empty
};

/// Others wait for what this program's workers hold, and it holds more than they. Said again while
/// it lasts.
struct press {
  program_id owner;
};

struct node_changed {
  node_id node;
  std::string_view state;  ///< as in node_view::state, or "left" or "forgotten": it is gone
};

}  // namespace fabric::scheduler::command

namespace fabric::scheduler {

using command_type =
    std::variant<command::persist, command::grant, command::revoke, command::welcome,
                 command::refuse_node, command::renew, command::acknowledge_report,
                 command::job_accepted, command::request_refused, command::request_done,
                 command::task_changed, command::job_finished, command::press,
                 command::node_changed>;

}  // namespace fabric::scheduler
