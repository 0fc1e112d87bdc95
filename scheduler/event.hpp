#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "scheduler/job.hpp"

/// Everything that can happen to the scheduler. The shell (or the simulator) makes these from
/// messages of peers whose role it has checked; nothing in them is trusted beyond that.
namespace fabric::scheduler::event {

/// Who asked, so that the answer finds its way. Opaque to the scheduler.
struct asker {
  session_id session;
  request_id request;

  auto operator<=>(const asker&) const = default;
};

struct job_submitted {
  asker from;
  std::shared_ptr<const job> what;
};

/// A whole job, or one task of it. With `unless_held` nothing is done where a node holds some of
/// it.
struct cancel_requested {
  enum class when : std::uint8_t { always, unless_held };
  asker from;
  job_or_task what;
  when on = when::always;
};

/// An attempt that a node says it holds: still running, or ended with a report not acknowledged
/// yet.
struct held_attempt {
  attempt_id id;
  bool ended = false;

  bool operator==(const held_attempt&) const = default;
};

/// A node (re)connected. `worker_time` is its own CLOCK_BOOTTIME when it sent this.
struct node_joined {
  node_id node;
  session_id session;
  incarnation_id incarnation;
  std::string boot_id;
  std::string name;
  capacity has;
  std::vector<held_attempt> holding;
  instant worker_time;
};

struct node_heartbeat {
  node_id node;
  session_id session;
  instant worker_time;
};

/// The connection is gone. Its attempts stay leased.
struct session_lost {
  node_id node;
  session_id session;
};

/// The node said goodbye: it holds nothing any more and will not be back by itself.
struct node_left {
  node_id node;
  session_id session;
};

struct attempt_started {
  node_id node;
  attempt_id id;
};

/// The node did not start the grant (it came late, or does not fit): not a failure.
struct attempt_declined {
  node_id node;
  attempt_id id;
};

struct attempt_ended {
  node_id node;
  attempt_id id;
  ending how = ending::succeeded;
  std::string report;  ///< opaque
};

/// No new work for the node; at `deadline` what still runs is handed back.
struct drain_requested {
  asker from;
  node_id node;
  duration deadline{0};
};

/// The operator states that the machine is dead: its attempts are re-queued at once.
struct forget_requested {
  asker from;
  node_id node;
};

/// A worker process whose every call waits lends what it holds, but for memory; later it claims it
/// back. The answer to a claim comes when it is held again.
struct lease_lent {
  asker from;
  attempt_id id;
};
struct lease_claimed {
  asker from;
  attempt_id id;
};

/// A program will not be back: what it owns is cancelled.
struct owner_gone {
  program_id program;
};

/// Time went by. The shell sends one at `next_wakeup()` at the latest.
struct ticked {};

}  // namespace fabric::scheduler::event

namespace fabric::scheduler {

using event_type =
    std::variant<event::job_submitted, event::cancel_requested, event::node_joined,
                 event::node_heartbeat, event::session_lost, event::node_left,
                 event::attempt_started, event::attempt_declined, event::attempt_ended,
                 event::drain_requested, event::forget_requested, event::owner_gone,
                 event::lease_lent, event::lease_claimed, event::ticked>;

}  // namespace fabric::scheduler
