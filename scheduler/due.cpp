#include <algorithm>

#include "scheduler/flows.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

/// An array that expires does so in steps of this size, so that no step takes long; the timer stays
/// due until all are done.
constexpr int expired_tasks_per_step = 1'000;

void lose(state& s, node_entry& n) {
  n.is_lost = true;
  n.is_recovering = false;
  const std::vector<task_id> held(n.held.begin(), n.held.end());
  if (mutant::is_on("lost_not_requeued")) return;
  for (task_id task : held) release_as_lost(s, *s.leases.find(task));
}

void look_at(state& s, node_entry& n) {
  if (!n.is_lost && n.lease_ends <= s.clock) lose(s, n);
  if (n.session && n.last_heard + s.silence() <= s.clock) n.is_silent = true;
  if (n.hand_back_at <= s.clock) hand_back(s, n);
  if (n.paused_until <= s.clock) n.paused_until = never;
  mark(s, n);
  s.nodes.reschedule(n, s.silence());
}

void retry(state& s, task_id id) {
  auto& j = *s.jobs.find(id.job);
  auto& task = *j.touched(id.index);
  refile(s, j, [&] {
    task.state = task_state::queued;
    task.due = never;
    j.progress->ready.insert(id.index);
  });
  say_changed(s, j, id.index, task.attempt, {});
}

void expire_some(state& s, int& budget) {
  while (budget > 0 && s.expiries.next() <= s.clock) {
    const job_id id = *s.expiries.take_due(s.clock);
    auto& j = *s.jobs.find(id);
    for (; budget > 0 && j.fresh > 0; --budget)
      finish_task(s, j, *j.next_untouched(), {task_state::expired, 0, false, {}, {}});
    if (j.fresh > 0) s.expiries.add(j.submitted + j.what.shape().expires_after, id);
  }
}

}  // namespace

void do_what_is_due(state& s) {
  while (auto* n = s.nodes.due(s.clock)) look_at(s, *n);
  while (auto* l = s.leases.due(s.clock)) send_lease(s, *l);
  while (const auto id = s.retries.take_due(s.clock)) retry(s, *id);
  if (s.press_at <= s.clock) press(s);
  int budget = expired_tasks_per_step;
  expire_some(s, budget);
}

instant next_wakeup(const state& s) {
  if (!s.done_jobs.empty() || !s.spoiled_jobs.empty()) return s.clock;
  instant next = std::min(
      {s.nodes.next_due(), s.leases.next_due(), s.retries.next(), s.expiries.next(), s.press_at});
  for (class_number number : s.line.indexed()) next = std::min(next, saving_due(s, number));
  return next;
}

}  // namespace fabric::scheduler
