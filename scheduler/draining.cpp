#include <algorithm>

#include "scheduler/flows.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

fault unknown(node_id node) {
  return {fault_code::not_found, "node " + to_string(node) + " is not known",
          "fabricd list nodes shows those that are"};
}

std::string holds(const node_entry& n) {
  return std::to_string(n.held.size()) + (n.held.size() == 1 ? " task" : " tasks");
}

}  // namespace

void on(state& s, const event::drain_requested& e) {
  auto* n = s.nodes.find(e.node);
  if (n == nullptr) {
    s.out.say(command::request_refused{e.from, unknown(e.node)});
    return;
  }
  if (!n->is_draining)
    s.out.keep(record::node_seen{n->id, n->name, n->incarnation.value, n->boot_id, true});
  n->is_draining = true;
  n->hand_back_at = n->held.empty() ? never : s.clock + std::max(e.deadline, duration{0});
  mark(s, *n);
  s.out.say(command::request_done{
      e.from, n->held.empty() ? "drained" : "draining; " + holds(*n) + " still running"});
}

void hand_back(state& s, node_entry& n) {
  n.hand_back_at = never;
  mark(s, n);
  for (task_id task : n.held) revoke_lease(s, *s.leases.find(task), ending::preempted);
}

void on(state& s, const event::forget_requested& e) {
  auto* n = s.nodes.find(e.node);
  if (n == nullptr) {
    s.out.say(command::request_refused{e.from, unknown(e.node)});
    return;
  }
  // Its tasks would be started elsewhere while they run there.
  if (n->session && s.clock - n->last_heard < s.silence()) {
    s.out.say(command::request_refused{
        e.from,
        {fault_code::config, "node " + to_string(e.node) + " (" + n->name + ") is alive",
         "drain it, or stop its daemon first"}});
    return;
  }
  const std::string note = "forgotten; " + holds(*n) + " run again elsewhere";
  const std::vector<task_id> held(n->held.begin(), n->held.end());
  for (task_id task : held) release_as_lost(s, *s.leases.find(task));
  remove_node(s, *n, "forgotten");
  s.out.say(command::request_done{e.from, note});
}

}  // namespace fabric::scheduler
