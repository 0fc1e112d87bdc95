#include "scheduler/flows.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/retry.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

constexpr backoff_policy pause_after_decline{std::chrono::milliseconds{200},
                                             std::chrono::seconds{30}};

lease* lease_of(state& s, node_id node, attempt_id id) {
  auto* l = s.leases.find(id.task);
  if (l != nullptr && mutant::is_on("old_attempt_recorded")) return l;
  return l != nullptr && l->id == id && l->node == node ? l : nullptr;
}

bool is_recorded(const state& s, attempt_id id) {
  const auto* j = s.jobs.find(id.task.job);
  if (j == nullptr) return s.finished.may_be_recorded(id);
  if (!j->has_index(id.task.index)) return false;
  const task_state how = j->state_of(id.task.index);
  return is_final(how) && s.finished.recorded(id.task, how) == id.attempt;
}

void acknowledge(state& s, node_id node, attempt_id id, bool stale) {
  if (stale) ++s.count.stale_results;
  const auto* n = s.nodes.find(node);
  if (n == nullptr || !n->session) return;  // it sends the report again in its next session
  s.out.say(command::acknowledge_report{node, *n->session, id, stale});
}

std::string note_on(task_state state) {
  if (state == task_state::cancelled) return "cancelled";
  return "already " + std::string(name_of(state));
}

}  // namespace

void on(state& s, const event::attempt_started& e) {
  if (auto* l = lease_of(s, e.node, e.id)) {
    if (l->is_started) return;
    l->is_started = true;
    auto& j = *s.jobs.find(e.id.task.job);
    j.touched(e.id.task.index)->state = task_state::running;
    s.nodes.find(e.node)->declines = 0;
    if (!l->revoked) s.leases.send_again_at(*l, never);
    say_changed(s, j, e.id.task.index, e.id.attempt, e.node);
    return;
  }
  // It runs what nobody waits for: a grant that came very late.
  const auto* n = s.nodes.find(e.node);
  if (n == nullptr || !n->session || is_recorded(s, e.id)) return;
  s.out.say(command::revoke{e.node, *n->session, e.id, duration{0}, ending::cancelled});
}

void on(state& s, const event::attempt_declined& e) {
  auto* l = lease_of(s, e.node, e.id);
  if (l == nullptr) return;
  auto& n = *s.nodes.find(e.node);
  auto& j = *s.jobs.find(e.id.task.job);
  const bool is_unwanted = j.is_cancelled || l->revoked == ending::cancelled;
  const bool was_asked_to_stop = l->revoked.has_value();
  const auto askers = drop_lease(s, *l);
  if (is_unwanted) {
    finish_task(s, j, e.id.task.index, {task_state::cancelled, e.id.attempt, false, e.node, {}});
    answer_askers(s, askers, "cancelled");
  } else {
    requeue_task(s, j, e.id.task.index, duration{0});
  }
  if (was_asked_to_stop) return;
  ++n.declines;
  const std::uint64_t seed = s.how.seed ^ std::hash<attempt_id>{}(e.id);
  n.paused_until = s.clock + wait_before_retry(pause_after_decline, n.declines, seed);
}

void on(state& s, const event::attempt_ended& e) {
  auto* l = lease_of(s, e.node, e.id);
  if (l == nullptr && mutant::is_on("stale_report_unanswered")) return;
  if (l == nullptr) return acknowledge(s, e.node, e.id, !is_recorded(s, e.id));
  auto& j = *s.jobs.find(e.id.task.job);
  const std::uint32_t index = e.id.task.index;
  const bool is_unwanted = j.is_cancelled || l->revoked == ending::cancelled;
  const auto askers = drop_lease(s, *l);
  s.nodes.find(e.node)->declines = 0;
  const std::uint64_t seed = s.how.seed ^ std::hash<attempt_id>{}(e.id);
  const verdict v = judge(e.how, j.what.shape().retry, *j.touched(index), is_unwanted, seed);
  if (v.final) {
    finish_task(s, j, index, {*v.final, e.id.attempt, true, e.node, e.report});
    answer_askers(s, askers, note_on(*v.final));
  } else {
    if (e.how == ending::lost || e.how == ending::preempted) ++s.count.lost_attempts;
    requeue_task(s, j, index, v.wait);
  }
  acknowledge(s, e.node, e.id, false);
}

}  // namespace fabric::scheduler
