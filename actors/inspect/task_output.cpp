#include <utility>

#include "actors/inspect/arguments.hpp"
#include "actors/inspect/questions.hpp"

/// Where a task's output lies, and what a new watcher has missed.
namespace fabric::actors::inspect {

namespace {

constexpr std::size_t replay_batch = 256;

}  // namespace

std::variant<log_located, stored_location> locate(const scheduler::engine& core,
                                                  const locate_log& what) {
  auto task = core.task(what.what.id.task);
  if (task && !is_final(task->state)) {
    log_located found{what.reader, what.what, task->node, std::nullopt, false};
    if (found.what.id.attempt == 0) found.what.id.attempt = task->attempt;
    found.not_started = found.what.id.attempt == 0;
    // An attempt that is over without a result left its output where it ran, which only its own
    // node knows; ask the node that holds the task now, or nobody while none does.
    if (task->node.value == 0) found.not_started = true;
    return found;
  }
  return stored_location{[what](store::head_store& rows) {
    log_located found{what.reader, what.what, {}, std::nullopt, false};
    auto row = rows.task(what.what.id.task);
    if (!row) {
      found.failed = row.error();
    } else if (!*row || (*row)->node.value == 0) {
      auto job = rows.job(what.what.id.task.job);
      if (job && *job)
        found.failed = fault{fault_code::not_found,
                             "task " + task_name(what.what.id.task, (*job)->what->is_array) +
                                 " never ran: it has no output",
                             ""};
      else
        found.failed = unknown_task(to_string(what.what.id.task));
    } else {
      found.node = (*row)->node;
      if (found.what.id.attempt == 0) found.what.id.attempt = (*row)->attempt;
    }
    return found;
  }};
}

void replay(store::head_store& rows, const replay_finished& what, bool over,
            const std::function<void(push)>& out) {
  auto job = rows.job(what.job);
  if (!job || !*job) return;
  push batch{what.watcher, {}};
  std::uint32_t from = 0;
  bool all_succeeded = !(*job)->cancelled;
  bool told_any = false;
  for (;;) {
    auto page = rows.tasks(what.job, from, replay_batch);
    if (!page || page->empty()) break;
    for (const auto& task : *page) {
      if (!is_final(task.state)) continue;
      told_any = true;
      all_succeeded = all_succeeded && task.state == scheduler::task_state::succeeded;
      auto name = rows.node_name(task.node);
      batch.messages.emplace_back(
          transport::task_finished{task.id, static_cast<std::uint8_t>(task.state), task.attempt,
                                   task.node, name && *name ? **name : "", task.report});
    }
    from = page->back().id.index + 1;
    if (from == 0) break;
    out(std::exchange(batch, {what.watcher, {}}));
  }
  // A lone task that was cancelled before it ever ran has no row of its own.
  if (over && !told_any && !(*job)->what->is_array)
    batch.messages.emplace_back(transport::task_finished{
        .task = {what.job, (*job)->what->first_index},
        .state = static_cast<std::uint8_t>(scheduler::task_state::cancelled)});
  if (over) batch.messages.emplace_back(transport::job_finished{what.job, all_succeeded});
  if (!batch.messages.empty()) out(std::move(batch));
}

}  // namespace fabric::actors::inspect
