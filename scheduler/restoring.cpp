#include <algorithm>

#include "resources/check.hpp"
#include "scheduler/flows.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

void restore_node(state& s, const record::node_seen& row) {
  auto* known = s.nodes.find(row.node);
  auto& n = known != nullptr ? *known : s.nodes.add(row.node);
  n.name = row.name;
  n.incarnation = incarnation_id{row.incarnation};
  n.boot_id = row.boot_id;
  n.is_identified = true;
  n.is_draining = row.draining;
}

/// Whoever holds it may have it still, for as long as a lease can last.
void restore_held(state& s, job_entry& j, const snapshot::task& row, bool is_cancelled) {
  auto* n = s.nodes.find(row.node);
  if (n == nullptr) n = &s.nodes.add(row.node);
  auto& task = *j.touched(row.index);
  task.state = task_state::granted;
  j.progress->ready.erase(row.index);
  ++j.progress->held;
  const attempt_id id{{j.id, row.index}, row.attempt};
  n->held.insert(id.task);
  const auto gpus = mutant::is_on("restored_gpus_forgotten") ? std::vector<gpu_share>{} : row.gpus;
  n->stock.adopt(id, j.what.shape().needs, gpus);
  lease l{.id = id, .node = row.node, .what = j.what.whole(), .gpus = gpus};
  if (is_cancelled) l.revoked = ending::cancelled;
  s.leases.add(std::move(l));
}

/// Of a cancelled job, only the held tasks go on.
void restore_task(state& s, job_entry& j, const snapshot::task& row, bool is_cancelled) {
  if (!j.has_index(row.index) || !j.is_fresh(row.index)) return;
  const bool is_held = row.state == task_state::running || row.state == task_state::granted;
  const bool is_waiting =
      !is_final(row.state) && (!is_held || mutant::is_on("restore_forgets_held"));
  if (is_final(row.state) || (is_cancelled && is_waiting)) {
    const task_state how = is_final(row.state) ? row.state : task_state::cancelled;
    j.settle(row.index, how);
    s.finished.task_done({j.id, row.index}, how, row.attempt, row.attempt);
    return;
  }
  auto& task = j.touch(row.index);
  task.attempt = row.attempt;
  task.failures = row.failures;
  task.crashes = row.crashes;
  task.lost = row.lost;
  if (!is_waiting) restore_held(s, j, row, is_cancelled);
}

/// What a job still waits for. It is given up in the first step if that is not there any more.
void restore_dependencies(state& s, job_entry& j) {
  std::vector<job_id> open;
  for (job_id id : j.what.shape().after) {
    if (s.finished.verdict(id) == true || id >= j.id) continue;
    if (s.jobs.find(id) == nullptr) s.spoiled_jobs.push_back(id);
    open.push_back(id);
  }
  std::sort(open.begin(), open.end());
  open.erase(std::unique(open.begin(), open.end()), open.end());
  if (open.empty()) return;
  s.dependencies.block(j.id, open);
  j.is_blocked = true;
}

bool has_begun(const job_entry& j) { return j.progress != nullptr; }

void restore_job(state& s, const snapshot::job_row& row) {
  auto& j = s.jobs.add(row.id, row.what, s.line.join(row.what->needs), s.clock);
  s.last_job = std::max(s.last_job, row.id);
  s.owned.add(row.what->owner, row.id);
  if (!row.what->key.empty()) s.keys.add(row.what->key, {row.id, content_hash(*row.what)});
  for (const auto& task : row.touched) restore_task(s, j, task, row.cancelled);
  if (row.cancelled) {
    auto& p = j.progressed();
    p.cancelled += j.fresh;
    j.fresh = 0;
    j.is_cancelled = true;
  } else if (!has_begun(j)) {
    restore_dependencies(s, j);
  }
  s.count.waiting += j.waiting();
  if (row.what->expires_after > duration{0})
    s.expiries.add(j.submitted + row.what->expires_after, row.id);
  count_held(s, j, 0);
  enter_line(s, j);
  if (j.is_done()) s.done_jobs.push_back(row.id);
}

}  // namespace

void restore_into(state& s, snapshot from) {
  for (const auto& row : from.nodes) restore_node(s, row);
  for (const auto& row : from.finished) {
    s.finished.job_was_done(row.id, row.all_succeeded);
    s.last_job = std::max(s.last_job, row.id);
    if (!row.key.empty()) s.keys.add(row.key, {row.id, row.content_hash});
  }
  for (const auto& row : from.jobs) restore_job(s, row);
  s.last_job = std::max(s.last_job, from.last_job);
  s.count.held = s.leases.size();
  for (auto& [id, n] : s.nodes.all()) {
    n.is_recovering = true;
    n.last_heard = s.clock;
    n.lease_ends = mutant::is_on("restart_frees_at_once") ? s.clock : s.lease_end();
    // How long the operator was ready to wait is not on record.
    if (n.is_draining && !n.held.empty()) n.hand_back_at = n.lease_ends;
    n.told = n.state();
    refresh(s, n);
  }
}

}  // namespace fabric::scheduler
