#include "scheduler/invariant.hpp"

#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

std::string broken_task(const state& s, const job_entry& j, std::uint32_t index,
                        const touched_task& task) {
  const task_id id{j.id, index};
  const std::string who = "task " + to_string(id);
  const auto* l = s.leases.find(id);
  const bool is_held = task.state == task_state::granted || task.state == task_state::running;
  if (is_held != (l != nullptr)) return who + " is held on one side of the books only";
  if (is_final(task.state) || task.state == task_state::blocked)
    return who + " is in a wrong state";
  if ((task.state == task_state::queued) != j.progress->ready.contains(index))
    return who + " is queued or ready, not both";
  if ((task.state == task_state::backing_off) != s.retries.contains(task.due, id))
    return who + " backs off without a timer, or has one too many";
  if (l == nullptr) return {};
  if (l->id.attempt != task.attempt) return who + " is held with an attempt that is not its latest";
  if (l->is_started != (task.state == task_state::running)) return who + " runs on one side only";
  if (j.is_cancelled && l->revoked != ending::cancelled) return who + " is cancelled, not revoked";
  if (!j.is_fresh(index) && !j.progress->finals.empty() &&
      is_final(j.progress->finals[index - j.first()]))
    return who + " is final and is not";
  return {};
}

std::string broken_job(const state& s, const job_entry& j) {
  const std::string who = "job " + to_string(j.id);
  std::size_t touched = 0;
  std::size_t held = 0;
  std::size_t final = 0;
  if (j.progress) {
    const auto& p = *j.progress;
    touched = p.touched.size();
    final = p.succeeded + p.failed + p.cancelled;
    for (const auto& [index, task] : p.touched) {
      if (auto broken = broken_task(s, j, index, task); !broken.empty()) return broken;
      if (s.leases.find({j.id, index}) != nullptr) ++held;
    }
    for (std::uint32_t index : p.ready)
      if (!p.touched.contains(index)) return who + " has a ready task that is not touched";
  }
  if (held != j.held()) return who + " miscounts its held tasks";
  if (j.fresh + touched + final != j.count()) return who + " has lost or gained tasks";
  if (j.is_done()) return who + " is done and still among the live ones";
  if (s.finished.verdict(j.id)) return who + " is live and has a verdict";
  if (const auto owner = j.what.shape().owner; owner != program_id{} && !s.owned.has(owner, j.id))
    return who + " has an owner who does not know of it";
  if (j.is_blocked != s.dependencies.is_blocked(j.id)) return who + " is blocked on one side only";
  const bool belongs = j.has_queued() && !j.is_blocked && !j.is_cancelled;
  if (belongs != j.is_in_line) return who + " is not where it belongs: in or out of its line";
  if (belongs != s.line.of(j.needs).line.contains(standing_of(s, j)))
    return who + " stands in its line where it should not";
  if (s.line.of(j.needs).needs != j.what.shape().needs) return who + " stands in a wrong line";
  return {};
}

std::string broken_node(const state& s, const node_entry& n) {
  const std::string who = "node " + to_string(n.id);
  if (!n.stock.is_balanced()) return who + " has an unbalanced inventory";
  if (n.stock.holders() != n.held.size()) return who + " has leases for other tasks than it holds";
  for (task_id task : n.held) {
    const auto* l = s.leases.find(task);
    if (l == nullptr || l->node != n.id)
      return who + " holds " + to_string(task) + " without lease";
    if (!n.stock.holds(l->id)) return who + " has nothing reserved for " + to_string(l->id);
    if (!n.session && l->send_again != never) return who + " is written to without a session";
    if (n.session && (!l->is_started || l->revoked) && l->send_again == never)
      return who + " is never asked again about " + to_string(l->id);
  }
  if (n.is_lost && !n.held.empty()) return who + " is lost and holds tasks";
  if (n.is_recovering && n.session) return who + " recovers though it is back";
  if (n.saved_for && s.line.of(*n.saved_for).saving != n.id) return who + " is saved for nobody";
  for (class_number number : s.line.indexed())
    if (s.line.of(number).fitting.score_of(n.id) != score_now(s, number, n))
      return who + " has an old score in a fit index";
  return {};
}

std::string broken_lines(const state& s) {
  if (!s.line.is_consistent()) return "the waiting line contradicts itself";
  std::map<class_number, std::size_t> jobs;
  std::map<class_number, std::size_t> standing;
  for (const auto& [id, j] : s.jobs.all()) {
    ++jobs[j.needs];
    standing[j.needs] += j.is_in_line ? 1 : 0;
  }
  std::size_t saving = 0;
  for (const auto& [number, c] : s.line.all()) {
    if (c->jobs != jobs[number]) return "a demand miscounts its jobs";
    if (c->line.size() != standing[number]) return "a line has jobs that are not in it";
    for (auto score = c->fitting.best(); score; score.reset())
      if (s.nodes.find(*score) == nullptr) return "a fit index names a node that is gone";
    if (!c->saving) continue;
    ++saving;
    const auto* n = s.nodes.find(*c->saving);
    if (n == nullptr || n->saved_for != number || !s.saving.contains(number))
      return "a demand saves a node that is not saved for it";
  }
  return saving == s.saving.size() ? std::string() : "savings are miscounted";
}

std::string broken_ownership(const state& s) {
  for (program_id owner : s.owned.owners()) {
    std::size_t held = 0;
    for (job_id id : s.owned.of(owner)) {
      const auto* j = s.jobs.find(id);
      if (j == nullptr) return "program " + to_string(owner) + " owns a job that is not live";
      held += j->held();
    }
    if (held != s.owned.held_by(owner))
      return "program " + to_string(owner) + " miscounts what it holds";
  }
  return {};
}

}  // namespace

std::string broken_invariant(const state& s) {
  std::size_t waiting = 0;
  std::size_t held = 0;
  for (const auto& [id, j] : s.jobs.all()) {
    if (auto broken = broken_job(s, j); !broken.empty()) return broken;
    waiting += j.waiting();
  }
  for (const auto& [id, n] : s.nodes.all()) {
    if (auto broken = broken_node(s, n); !broken.empty()) return broken;
    held += n.held.size();
  }
  if (held != s.leases.size()) return "a task is held by two nodes or by none";
  if (held != s.count.held) return "held tasks are miscounted";
  if (waiting != s.count.waiting) return "waiting tasks are miscounted";
  if (!s.leases.is_consistent()) return "the lease book contradicts itself";
  if (!s.dependencies.is_consistent()) return "the dependency graph contradicts itself";
  if (auto broken = broken_ownership(s); !broken.empty()) return broken;
  return broken_lines(s);
}

}  // namespace fabric::scheduler
