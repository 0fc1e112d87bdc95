#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/agent.hpp"
#include "scheduler/command.hpp"
#include "scheduler/event.hpp"
#include "transport/message.hpp"

/// Wire messages to and from the words of the scheduler and of the agent: the one place that knows
/// both vocabularies. Pure. What comes from a peer is checked here for what its type cannot say
/// (ranges, enumerations); every fault is `bad_message` unless said otherwise. Nothing is clamped.
namespace fabric::convert {

// The head's side: messages of peers become events.

/// Faults also where the message describes no node, or its GPU amount is not its number of GPU ids.
result<scheduler::event::node_joined> node_joined(node_id node, session_id session,
                                                  const transport::hello& m);
result<scheduler::event::node_heartbeat> node_heartbeat(node_id node, session_id session,
                                                        const transport::heartbeat& m);
scheduler::event::attempt_started attempt_started(node_id node, const transport::started& m);
scheduler::event::attempt_declined attempt_declined(node_id node, const transport::declined& m);
result<scheduler::event::attempt_ended> attempt_ended(node_id node, transport::report m);
/// A node that is about to stop asks for what an operator's drain does; nobody waits for the
/// answer.
result<scheduler::event::drain_requested> drain_requested(node_id node,
                                                          const transport::leaving& m);
scheduler::event::node_left node_left(node_id node, session_id session,
                                      const transport::goodbye& m);

/// `submitter` is the fingerprint of the peer's key, `owner` the program that it ends with. Faults:
/// usage (for the person who submitted) where a number is out of its range or the demand makes no
/// sense.
result<std::shared_ptr<const scheduler::job>> job(transport::submit m, std::string submitter,
                                                  program_id owner = {});
/// The mirror, for clients. `request` and `watch` are the caller's to fill in.
transport::submit submit(const scheduler::job& what);

// The head's side: commands become messages.

/// The part of a WELCOME that is the same for every peer of a session's kind.
struct session_terms {
  std::uint32_t version = 0;
  std::string software;
  std::vector<std::string> features;
  std::string cluster;
  std::uint64_t epoch = 0;
  duration heartbeat{0};
  std::uint32_t credits = 0;
};
transport::welcome welcome(const session_terms& terms, const scheduler::command::welcome& c);
transport::refused refused(const transport::version_range& speaks, std::string software,
                           const scheduler::command::refuse_node& c, duration retry_after);
transport::grant grant(const scheduler::command::grant& c);
transport::revoke revoke(const scheduler::command::revoke& c);
transport::renewed renewed(const scheduler::command::renew& c);
transport::report_ack report_ack(const scheduler::command::acknowledge_report& c);
transport::submitted submitted(const scheduler::command::job_accepted& c);
transport::failed failed(const scheduler::command::request_refused& c);
transport::task_finished task_finished(const scheduler::command::task_changed& c,
                                       std::string node_name);
transport::job_finished job_finished(const scheduler::command::job_finished& c);

// The node's side: messages of the head become events of the agent.

result<scheduler::agent_event::welcomed> welcomed(const transport::welcome& m);
result<scheduler::agent_event::renewed> renewed(const transport::renewed& m);
/// The event's `work` is the encoded message itself: `granted_work` gives it back.
result<scheduler::agent_event::granted> granted(const transport::grant& m);
result<transport::grant> granted_work(std::string_view work);
result<scheduler::agent_event::revoked> revoked(const transport::revoke& m);
scheduler::agent_event::report_acknowledged report_acknowledged(const transport::report_ack& m);

// The node's side: commands of the agent become messages.

transport::hello hello(transport::hello greeting, const scheduler::agent& node, instant now);
transport::heartbeat heartbeat(const scheduler::agent_command::send_heartbeat& c);
transport::started started(const scheduler::agent_command::send_started& c);
transport::declined declined(const scheduler::agent_command::send_declined& c);
transport::report report(const scheduler::agent_command::send_report& c);

// Enumerations that travel as bytes.

result<scheduler::ending> ending(std::uint8_t byte);
result<scheduler::task_state> task_state(std::uint8_t byte);

}  // namespace fabric::convert
