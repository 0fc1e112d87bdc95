#include "scheduler/views.hpp"

namespace fabric::scheduler {

node_view view_of(const node_entry& n) {
  return {n.id, n.name, n.state(), n.stock.total(), n.stock.used(), n.held.size(), n.last_heard};
}

job_view view_of(const job_entry& j) {
  job_view v{j.id, j.what.whole(), j.is_cancelled, j.waiting(), j.held(), 0, 0, 0};
  if (j.progress) {
    v.succeeded = j.progress->succeeded;
    v.failed = j.progress->failed;
    v.cancelled_tasks = j.progress->cancelled;
  }
  return v;
}

task_view view_of(const state& s, const job_entry& j, std::uint32_t index) {
  const task_id id{j.id, index};
  task_view v{id, j.state_of(index), 0, {}, 0, 0};
  if (const auto* task = j.touched(index)) {
    v.attempt = task->attempt;
    v.failures = task->failures;
    v.lost = task->lost;
    if (const auto* l = s.leases.find(id)) v.node = l->node;
  } else if (is_final(v.state)) {
    v.attempt = s.finished.recorded(id, v.state);
  }
  return v;
}

}  // namespace fabric::scheduler
