#include <optional>

#include "resources/check.hpp"
#include "scheduler/flows.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

/// True where `a` goes before `b`: the higher one; at equal height the one that holds nothing, then
/// the lower job number.
bool goes_before(const standing& a, const standing& b, instant now) {
  if (a.height(now) != b.height(now)) return a.height(now) > b.height(now);
  if (a.holds != b.holds) return !a.holds;
  return a.job < b.job;
}

/// The job that goes next of all those that fit somewhere. A demand that fits nowhere does not hold
/// up the others.
std::optional<standing> next_that_fits(const state& s) {
  std::optional<standing> best;
  for (class_number number : s.line.indexed()) {
    const auto& c = s.line.of(number);
    if (c.line.empty() || c.fitting.size() == 0) continue;
    const standing head = c.line.head(s.clock);
    if (!best || goes_before(head, *best, s.clock)) best = head;
  }
  return best;
}

void grant_next(state& s, job_entry& j, node_entry& n) {
  const std::uint32_t index = *j.next_queued();
  touched_task* task = j.touched(index);
  refile(s, j, [&] {
    if (task == nullptr) task = &j.touch(index);
    if (task->attempt == 0 || !mutant::is_on("attempt_number_kept")) ++task->attempt;
    task->state = task_state::granted;
    j.progress->ready.erase(index);
    ++j.progress->held;
  });
  const attempt_id id{{j.id, index}, task->attempt};
  auto gpus = n.stock.reserve(id, s.line.of(j.needs).needs);
  FABRIC_CHECK(gpus.has_value());
  n.held.insert(id.task);
  s.out.keep(record::attempt_granted{id, n.id, *gpus});
  auto& l =
      s.leases.add(lease{.id = id, .node = n.id, .what = j.what.whole(), .gpus = std::move(*gpus)});
  send_lease(s, l);
  say_changed(s, j, index, id.attempt, n.id);
  ++s.count.granted;
  s.count.held = s.leases.size();
  mark(s, n);
  refresh(s, n);
}

}  // namespace

void place_all(state& s) {
  do {
    while (const auto next = next_that_fits(s)) {
      auto& j = *s.jobs.find(next->job);
      const auto& c = s.line.of(j.needs);
      const node_id chosen = *c.fitting.best();
      if (c.saving && !next->holds) stop_saving(s, j.needs);
      grant_next(s, j, *s.nodes.find(chosen));
    }
  } while (tend_savings(s));
}

}  // namespace fabric::scheduler
