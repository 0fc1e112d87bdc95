#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "resources/backoff.hpp"
#include "scheduler/event.hpp"

/// The node's half of the lease protocol: which attempts run here, until when they may, and which
/// reports the head has not acknowledged yet. A pure value like the engine.
namespace fabric::scheduler::agent_event {

/// The session is open. Everything that HELLO said to run and that is not in `keep` is to be
/// killed.
struct welcomed {
  std::vector<attempt_id> keep;
  std::vector<attempt_id> kill;
  instant worker_time;  ///< HELLO's own, echoed
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
  duration heartbeat = std::chrono::seconds{2};  ///< at most this far apart; lease / 5 where less
  backoff_policy resend{std::chrono::milliseconds{200}, std::chrono::seconds{5}};
  duration spool_from =
      std::chrono::seconds{1};  ///< reports of attempts held this long are spooled
  duration hand_back_grace = std::chrono::seconds{2};  ///< SIGTERM to SIGKILL at a drain's deadline
  std::uint64_t seed = 1;
};

/// Rules (docs/protocol.md, leases):
/// - the fence is the newest echoed worker_time + lease, and never moves back; an echo of a time
///   that we have not reached yet is not ours and counts for nothing;
/// - outside a session grants, revocations and acknowledgements are ignored: they cannot be
/// answered;
/// - a grant whose own worker_time + lease has passed is declined as late;
/// - a grant for an attempt that is known (running, or ended and not acknowledged) is ignored but
///   answered again; one for a task of which another attempt runs here, or a later one is known, is
///   declined; so is every grant while draining;
/// - an attempt that was declined, or whose report was acknowledged, has a tombstone (as have all
///   earlier ones of its task) until no grant for it can be valid any more: a copy of its grant
///   that was delayed does not start it again. Declines are not acknowledged, so the head may send
///   such a grant anew as long as the session lives;
/// - a revocation of an attempt that is not here is answered with a decline, and buries it: its
/// grant
///   may still be on the way;
/// - past the fence everything is killed and ends as `lost`;
/// - what we killed ends as the reason of the first kill, whatever the process made of the signal;
/// - WELCOME's lists are about what HELLO said: attempts granted since are not judged by them, so a
///   repeated WELCOME does no harm;
/// - a report is sent until acknowledged, across sessions, and at once in a new session.
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
  [[nodiscard]] bool draining() const { return draining_; }

  /// The empty string, or the first invariant that does not hold.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  using commands = std::vector<agent_command_type>;

  struct held {
    instant granted_at{};
    bool started = false;
    bool fenced = false;         ///< killed because the fence passed
    std::optional<ending> told;  ///< the reason of the first kill: how its end is reported
    duration grace{0};           ///< of the shortest kill asked for
    bool ended = false;
    ending how = ending::succeeded;
    std::string report;
    bool spooled = false;
    std::uint32_t sends = 0;  ///< in this session
    instant send_again = never;
  };
  /// Of the newest buried attempt of a task; earlier ones count as buried too.
  struct tombstone {
    attempt_number attempt = 0;
    instant until{};
    bool declined = false;  ///< says so again when asked; acknowledged ends stay silent
  };

  void on(const agent_event::welcomed& e, instant now, commands& out);
  void on(const agent_event::renewed& e, instant now, commands& out);
  void on(const agent_event::granted& e, instant now, commands& out);
  void on(const agent_event::revoked& e, instant now, commands& out);
  void on(const agent_event::report_acknowledged& e, instant now, commands& out);
  void on(const agent_event::session_lost& e, instant now, commands& out);
  void on(const agent_event::process_started& e, instant now, commands& out);
  void on(const agent_event::process_ended& e, instant now, commands& out);
  void on(const agent_event::drain& e, instant now, commands& out);
  void on(const agent_event::ticked& e, instant now, commands& out);

  /// False where the echo cannot be ours.
  bool extend_fence(instant worker_time, duration lease, instant now, commands& out);
  [[nodiscard]] bool may_start(attempt_id id) const;
  [[nodiscard]] const tombstone* grave_of(attempt_id id) const;
  void kill(attempt_id id, held& h, ending because, duration grace, commands& out);
  void decline(attempt_id id, bool late, instant now, commands& out);
  void bury(attempt_id id, bool declined, instant now);
  void send(attempt_id id, held& h, instant now, commands& out);
  void do_what_is_due(instant now, commands& out);
  void resend_what_is_due(instant now, commands& out);

  agent_settings how_;
  std::map<attempt_id, held> held_;
  std::map<task_id, tombstone> tombstones_;
  instant fence_{};
  duration lease_{0};          ///< of this session
  duration lease_longest_{0};  ///< of any session
  instant next_heartbeat_ = never;
  instant hand_back_at_ = never;
  bool in_session_ = false;
  bool draining_ = false;
  bool said_drained_ = false;
};

}  // namespace fabric::scheduler
