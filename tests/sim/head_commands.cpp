#include "actors/convert.hpp"
#include "resources/check.hpp"
#include "tests/sim/head.hpp"

/// What the head does for each command of its engine.
namespace fabric::sim {

namespace core = scheduler;

void head::carry_out(const core::command_type& c) {
  std::visit([this](const auto& one) { carry_out_one(one); }, c);
}

void head::carry_out_one(const core::command::persist&) {
  FABRIC_CHECK(false && "records are taken out before");
}

void head::carry_out_one(const core::command::grant& c) {
  w_.log.say("head", "grants " + to_string(c.id) + " to " + to_string(c.node));
  send(c.session, convert::grant(c));
}

void head::carry_out_one(const core::command::revoke& c) {
  w_.log.say("head", "revokes " + to_string(c.id));
  send(c.session, convert::revoke(c));
}

void head::carry_out_one(const core::command::welcome& c) {
  const auto found = sessions_.find(c.session);
  if (found == sessions_.end()) return;
  found->second.is_open = true;
  if (c.node.value != 0)
    std::erase_if(sessions_, [&](const auto& entry) {
      return entry.second.node == c.node && entry.first < c.session;
    });
  w_.log.say("head", "welcomes " + to_string(c.node) + ", keeps " + std::to_string(c.keep.size()) +
                         ", kills " + std::to_string(c.kill.size()));
  const convert::session_terms terms{(transport::protocol_major << 16) | transport::protocol_minor,
                                     "sim",
                                     {},
                                     "cluster",
                                     epoch_,
                                     w_.how.heartbeat,
                                     256};
  send(c.session, convert::welcome(terms, c));
}

void head::carry_out_one(const core::command::refuse_node& c) {
  w_.log.say("head", "refuses " + to_string(c.node) + ": " + c.why.detail);
  send(c.session, convert::refused({}, "sim", c, std::chrono::seconds{1}));
  sessions_.erase(c.session);
}

void head::carry_out_one(const core::command::renew& c) { send(c.session, convert::renewed(c)); }

void head::carry_out_one(const core::command::acknowledge_report& c) {
  send(c.session, convert::report_ack(c));
}

void head::carry_out_one(const core::command::job_accepted& c) {
  send(c.to.session, convert::submitted(c));
  if (wants_watch_.erase(c.to) != 0) watch(c.to.session, c.id);
}

void head::carry_out_one(const core::command::request_refused& c) {
  wants_watch_.erase(c.to);
  send(c.to.session, convert::failed(c));
}

void head::carry_out_one(const core::command::request_done& c) {
  send(c.to.session, transport::answer{c.to.request, c.note});
}

void head::carry_out_one(const core::command::task_changed& c) {
  w_.log.say("head", to_string(c.task) + "#" + std::to_string(c.attempt) + " is " +
                         std::string(name_of(c.state)));
  if (!core::is_final(c.state)) return;
  const auto found = watchers_.find(c.task.job);
  if (found == watchers_.end()) return;
  for (const auto who : found->second) send(who, convert::task_finished(c, ""));
}

void head::carry_out_one(const core::command::job_finished& c) {
  const auto found = watchers_.find(c.job);
  if (found == watchers_.end()) return;
  for (const auto who : found->second) send(who, convert::job_finished(c));
  watchers_.erase(found);
}

void head::carry_out_one(const core::command::press& c) {
  w_.log.say("head", "program " + to_string(c.owner) + " keeps others waiting");
}

void head::carry_out_one(const core::command::node_changed& c) {
  w_.log.say("head", "node " + to_string(c.node) + " is " + std::string(c.state));
}

}  // namespace fabric::sim
