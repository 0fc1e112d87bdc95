#include "actors/convert.hpp"

#include <limits>
#include <span>
#include <utility>

#include "transport/codec.hpp"

namespace fabric::convert {
namespace {

namespace core = scheduler;
namespace wire = transport;

fault bad(std::string detail) {
  return {fault_code::bad_message, std::move(detail), "the peer is broken or hostile"};
}

result<void> check_lease(instant worker_time, duration lease, std::string_view message) {
  if (worker_time < instant{}) return bad(std::string(message) + " echoes a negative time");
  if (lease <= duration{0}) return bad(std::string(message) + " carries no lease");
  if (lease > std::chrono::hours{24}) return bad(std::string(message) + " leases beyond a day");
  return {};
}

fault out_of_range(std::string_view what, std::string_view range) {
  return {fault_code::usage, std::string(what) + " is out of range", "use " + std::string(range)};
}

result<void> check_numbers(const wire::submit& m) {
  constexpr auto last_index = std::numeric_limits<std::uint32_t>::max();
  if (m.count == 0 || m.count > core::array_tasks_max)
    return out_of_range("the number of tasks", "1 to " + std::to_string(core::array_tasks_max));
  if (m.first_index > last_index - (m.count - 1))
    return out_of_range("the last index of the array", "indices below 2^32");
  if (!m.is_array && (m.count != 1 || m.first_index != 0))
    return out_of_range("the number of tasks of a job that is no array", "one task, index 0");
  if (m.priority > core::priority_limit || m.priority < -core::priority_limit)
    return out_of_range("the priority",
                        "at most " + std::to_string(core::priority_limit) + " either way");
  if (m.retries > core::retries_max)
    return out_of_range("the number of retries", "at most " + std::to_string(core::retries_max));
  if (m.poison_after == 0) return out_of_range("poison_after", "1 or more");
  return {};
}

result<void> check_times(const wire::submit& m) {
  constexpr duration longest = std::chrono::hours{24 * 366 * 10};
  const auto is_bad = [&](duration d) { return d < duration{0} || d > longest; };
  if (is_bad(m.time_limit)) return out_of_range("the time limit", "0 to 10 years");
  if (is_bad(m.expires_after)) return out_of_range("the time to expire", "0 to 10 years");
  if (is_bad(m.backoff_first) || is_bad(m.backoff_longest) || m.backoff_first > m.backoff_longest)
    return out_of_range("the wait before a retry", "a first wait up to the longest one");
  return {};
}

}  // namespace

result<core::ending> ending(std::uint8_t byte) {
  if (byte > static_cast<std::uint8_t>(core::ending::unstartable))
    return bad("no ending has the number " + std::to_string(byte));
  return static_cast<core::ending>(byte);
}

result<core::task_state> task_state(std::uint8_t byte) {
  if (byte > static_cast<std::uint8_t>(core::task_state::expired))
    return bad("no task state has the number " + std::to_string(byte));
  return static_cast<core::task_state>(byte);
}

result<core::event::node_joined> node_joined(node_id node, session_id session,
                                             const wire::hello& m) {
  if (!m.node) return bad("hello of node " + to_string(node) + " does not describe the node");
  if (m.worker_time < instant{})
    return bad("hello of node " + to_string(node) + " carries a negative time");
  const auto& about = *m.node;
  for (const auto& [name, amount] : about.has.amounts)
    if (amount < milli{0})
      return bad("node " + to_string(node) + " has a negative amount of " + name);
  if (about.has.amounts[gpu] != units(static_cast<std::int64_t>(about.has.gpu_ids.size())))
    return bad("node " + to_string(node) + " has " + std::to_string(about.has.gpu_ids.size()) +
               " GPU ids and another amount of gpu");
  core::event::node_joined e;
  e.node = node;
  e.session = session;
  e.incarnation = about.incarnation;
  e.boot_id = about.boot_id;
  e.name = about.name;
  e.has = about.has;
  e.worker_time = m.worker_time;
  e.holding.reserve(about.holding.size());
  for (const auto& h : about.holding) e.holding.push_back({h.id, h.ended});
  return e;
}

result<core::event::node_heartbeat> node_heartbeat(node_id node, session_id session,
                                                   const wire::heartbeat& m) {
  if (m.worker_time < instant{})
    return bad("heartbeat of node " + to_string(node) + " carries a negative time");
  return core::event::node_heartbeat{node, session, m.worker_time};
}

core::event::attempt_started attempt_started(node_id node, const wire::started& m) {
  return {node, m.id};
}

core::event::attempt_declined attempt_declined(node_id node, const wire::declined& m) {
  return {node, m.id};
}

result<core::event::attempt_ended> attempt_ended(node_id node, wire::report m) {
  const auto how = ending(m.how);
  if (!how) return how.error();
  return core::event::attempt_ended{node, m.id, *how, std::move(m.body)};
}

result<core::event::drain_requested> drain_requested(node_id node, const wire::leaving& m) {
  if (m.deadline < duration{0} || m.deadline > std::chrono::hours{24 * 366})
    return bad("leaving of node " + to_string(node) + " has a deadline out of range");
  return core::event::drain_requested{{}, node, m.deadline};
}

core::event::node_left node_left(node_id node, session_id session, const wire::goodbye&) {
  return {node, session};
}

result<std::shared_ptr<const core::job>> job(wire::submit m, std::string submitter,
                                             program_id owner) {
  if (auto ok = check_numbers(m); !ok) return ok.error();
  if (auto ok = check_times(m); !ok) return ok.error();
  if (auto ok = check_demand(m.needs); !ok) return ok.error();
  auto what = std::make_shared<core::job>();
  what->name = std::move(m.name);
  what->key = std::move(m.key);
  what->submitter = std::move(submitter);
  what->owner = owner;
  what->study = std::move(m.study);
  what->payload = std::move(m.payload);
  what->needs = std::move(m.needs);
  what->priority = m.priority;
  what->retry = {m.retries, {m.backoff_first, m.backoff_longest}, m.poison_after};
  what->time_limit = m.time_limit;
  what->expires_after = m.expires_after;
  what->first_index = m.first_index;
  what->count = m.count;
  what->is_array = m.is_array;
  what->after = std::move(m.after);
  return std::shared_ptr<const core::job>(std::move(what));
}

wire::submit submit(const core::job& what) {
  wire::submit m;
  m.name = what.name;
  m.key = what.key;
  m.is_owned = what.owner != program_id{};
  m.study = what.study;
  m.payload = what.payload;
  m.needs = what.needs;
  m.priority = what.priority;
  m.retries = what.retry.retries_max;
  m.backoff_first = what.retry.backoff.first;
  m.backoff_longest = what.retry.backoff.longest;
  m.poison_after = what.retry.poison_after;
  m.time_limit = what.time_limit;
  m.expires_after = what.expires_after;
  m.first_index = what.first_index;
  m.count = what.count;
  m.is_array = what.is_array;
  m.after = what.after;
  return m;
}

wire::welcome welcome(const session_terms& terms, const core::command::welcome& c) {
  wire::welcome m;
  m.version = terms.version;
  m.software = terms.software;
  m.features = terms.features;
  m.cluster = terms.cluster;
  m.epoch = terms.epoch;
  m.session = c.session;
  m.node = c.node;
  m.lease = c.lease;
  m.heartbeat = terms.heartbeat;
  m.credits = terms.credits;
  m.keep = c.keep;
  m.kill = c.kill;
  m.worker_time = c.worker_time;
  return m;
}

wire::refused refused(const wire::version_range& speaks, std::string software,
                      const core::command::refuse_node& c, duration retry_after) {
  return {c.why, speaks, std::move(software), retry_after};
}

wire::grant grant(const core::command::grant& c) {
  wire::grant m;
  m.id = c.id;
  m.payload = c.what->payload;
  m.job_name = c.what->name;
  m.study = c.what->study;
  m.needs = c.what->needs;
  m.gpus = c.gpus;
  m.is_array = c.what->is_array;
  m.time_limit = c.what->time_limit;
  m.lease = c.lease;
  m.worker_time = c.worker_time;
  return m;
}

wire::revoke revoke(const core::command::revoke& c) {
  return {c.id, c.grace, static_cast<std::uint8_t>(c.because)};
}

wire::renewed renewed(const core::command::renew& c) { return {c.worker_time, c.lease}; }

wire::report_ack report_ack(const core::command::acknowledge_report& c) { return {c.id, c.stale}; }

wire::submitted submitted(const core::command::job_accepted& c) {
  return {c.to.request, c.id, c.existed, c.note};
}

wire::failed failed(const core::command::request_refused& c) { return {c.to.request, c.why}; }

wire::task_finished task_finished(const core::command::task_changed& c, std::string node_name) {
  return {c.task,  static_cast<std::uint8_t>(c.state), c.attempt, c.node, std::move(node_name),
          c.report};
}

wire::job_finished job_finished(const core::command::job_finished& c) {
  return {c.job, c.all_succeeded};
}

result<core::agent_event::welcomed> welcomed(const wire::welcome& m) {
  if (auto ok = check_lease(m.worker_time, m.lease, "welcome"); !ok) return ok.error();
  return core::agent_event::welcomed{m.keep, m.kill, m.worker_time, m.lease};
}

result<core::agent_event::renewed> renewed(const wire::renewed& m) {
  if (auto ok = check_lease(m.worker_time, m.lease, "renewed"); !ok) return ok.error();
  return core::agent_event::renewed{m.worker_time, m.lease};
}

result<core::agent_event::granted> granted(const wire::grant& m) {
  if (auto ok = check_lease(m.worker_time, m.lease, "grant"); !ok) return ok.error();
  if (m.time_limit < duration{0}) return bad("grant " + to_string(m.id) + " has a negative limit");
  core::agent_event::granted e{m.id, {}, m.time_limit, m.worker_time, m.lease};
  wire::append(e.work, {}, m);
  return e;
}

result<wire::grant> granted_work(std::string_view work) {
  auto parts = wire::decode(std::as_bytes(std::span(work.data(), work.size())));
  if (!parts) return parts.error();
  if (parts->size() == 1)
    if (auto* whole = std::get_if<wire::envelope>(&parts->front()))
      if (auto* m = std::get_if<wire::grant>(&whole->body)) return std::move(*m);
  return bad("the work of an attempt is not one grant");
}

result<core::agent_event::revoked> revoked(const wire::revoke& m) {
  const auto because = ending(m.because);
  if (!because) return because.error();
  if (*because != core::ending::cancelled && *because != core::ending::preempted)
    return bad("revoke of " + to_string(m.id) + " is neither a cancel nor a preemption");
  if (m.grace < duration{0}) return bad("revoke of " + to_string(m.id) + " has a negative grace");
  return core::agent_event::revoked{m.id, m.grace, *because};
}

core::agent_event::report_acknowledged report_acknowledged(const wire::report_ack& m) {
  return {m.id};
}

wire::hello hello(wire::hello greeting, const core::agent& node, instant now) {
  greeting.worker_time = now;
  if (!greeting.node) greeting.node.emplace();
  greeting.node->holding.clear();
  for (const auto& h : node.holding()) greeting.node->holding.push_back({h.id, h.ended});
  return greeting;
}

wire::heartbeat heartbeat(const core::agent_command::send_heartbeat& c) { return {c.worker_time}; }

wire::started started(const core::agent_command::send_started& c) { return {c.id}; }

wire::declined declined(const core::agent_command::send_declined& c) { return {c.id, c.late}; }

wire::report report(const core::agent_command::send_report& c) {
  return {c.id, static_cast<std::uint8_t>(c.how), c.report};
}

}  // namespace fabric::convert
