#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "resources/backoff.hpp"
#include "scheduler/event.hpp"

/// The node's half of the lease protocol: which attempts run here, until when they may, and which
/// reports the head has not acknowledged yet. A pure value like the engine.
namespace fabric::scheduler::agent_event {

/// The session is open. Everything running that is not in `keep` is to be killed.
struct welcomed {
  std::vector<attempt_id> keep;
  std::vector<attempt_id> kill;
  instant worker_time;  ///< our own, echoed
  duration lease{0};
};
struct renewed {
  instant worker_time;  ///< our own, echoed
  duration lease{0};
};
/// `work` is opaque here: what the shell needs to start the process.
struct granted {
  attempt_id id;
  std::string work;
  duration time_limit{0};
  instant worker_time;  ///< our own, echoed
  duration lease{0};
};
struct revoked {
  attempt_id id;
  duration grace{0};
  ending because = ending::cancelled;
};
struct report_acknowledged {
  attempt_id id;
};
struct session_lost {};
/// From the spawner.
struct process_started {
  attempt_id id;
};
struct process_ended {
  attempt_id id;
  ending how = ending::succeeded;
  std::string report;
};
/// The daemon is to stop: new grants are declined, and at `deadline` from now what runs is killed
/// and handed back as preempted.
struct drain {
  duration deadline{0};
};
struct ticked {};

}  // namespace fabric::scheduler::agent_event

namespace fabric::scheduler::agent_command {

struct send_heartbeat {
  instant worker_time;
};
struct start_process {
  attempt_id id;
  std::string work;
  duration time_limit{0};
};
/// SIGTERM now, SIGKILL after `grace`.
struct kill_process {
  attempt_id id;
  duration grace{0};
};
/// The spawner must have killed everything at `at` unless told a later time before.
struct set_fence {
  instant at;
};
struct send_started {
  attempt_id id;
};
struct send_declined {
  attempt_id id;
  bool late = false;
};
/// Send, and send again until acknowledged.
struct send_report {
  attempt_id id;
  ending how = ending::succeeded;
  std::string report;
};
/// Keep the report on disk, so that it outlives this daemon (before send_report, where the attempt
/// ran for over a second).
struct spool_report {
  attempt_id id;
  ending how = ending::succeeded;
  std::string report;
};
struct drop_spooled {
  attempt_id id;
};
/// Nothing runs and every report is acknowledged.
struct drained {};

}  // namespace fabric::scheduler::agent_command

namespace fabric::scheduler {

using agent_event_type =
    std::variant<agent_event::welcomed, agent_event::renewed, agent_event::granted,
                 agent_event::revoked, agent_event::report_acknowledged, agent_event::session_lost,
                 agent_event::process_started, agent_event::process_ended, agent_event::drain,
                 agent_event::ticked>;
using agent_command_type =
    std::variant<agent_command::send_heartbeat, agent_command::start_process,
                 agent_command::kill_process, agent_command::set_fence, agent_command::send_started,
                 agent_command::send_declined, agent_command::send_report,
                 agent_command::spool_report, agent_command::drop_spooled, agent_command::drained>;

struct agent_settings {
  duration heartbeat = std::chrono::seconds{2};  ///< the shell lowers it to lease / 5
  backoff_policy resend{std::chrono::milliseconds{200}, std::chrono::seconds{5}};
  duration spool_from = std::chrono::seconds{1};  ///< reports of attempts that ran this long are spooled
  std::uint64_t seed = 1;
};

/// Rules (docs/protocol.md, leases):
/// - the fence is the newest echoed worker_time + lease, and never moves back;
/// - a grant whose own worker_time + lease has passed is declined as late;
/// - a grant for an attempt that is known (running, or ended and not acknowledged) is ignored but
///   answered again; one for an older attempt of a task held here is declined;
/// - past the fence everything is killed and ends as `lost`;
/// - a report is sent until acknowledged, across sessions.
class agent {
 public:
  explicit agent(agent_settings how);

  /// Reports found in the spool at start; they are held (ended) from the beginning.
  void adopt_spooled(attempt_id id, ending how, std::string report);

  std::vector<agent_command_type> step(const agent_event_type& what, instant now);

  [[nodiscard]] instant next_wakeup() const;

  /// What HELLO says of us: everything running, and everything ended without acknowledgement.
  [[nodiscard]] std::vector<event::held_attempt> holding() const;
  [[nodiscard]] std::size_t running() const;
  [[nodiscard]] std::size_t unacknowledged() const;
  [[nodiscard]] instant fence() const { return fence_; }

  /// The empty string, or the first invariant that does not hold.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  struct held {
    instant granted_at{};
    duration time_limit{0};
    bool started = false;
    bool killed_by_fence = false;
    std::optional<ending> told;  ///< how it is to be reported when the shell says it ended after a kill
    bool ended = false;
    ending how = ending::succeeded;
    std::string report;
    bool spooled = false;
    std::uint32_t sends = 0;
    instant send_again = never;
  };
  agent_settings how_;
  std::map<attempt_id, held> held_;
  instant fence_{};
  instant next_heartbeat_{};
  instant hand_back_at_ = never;
  bool in_session_ = false;
  bool draining_ = false;
};

}  // namespace fabric::scheduler
