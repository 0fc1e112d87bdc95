#include <array>

#include "actors/store/head_file.hpp"
#include "actors/store/head_records.hpp"
#include "actors/store/head_rows.hpp"
#include "actors/store/job_row.hpp"

/// What a restarted head goes on from.
namespace fabric::store {

std::optional<scheduler::task_state> stored_state(std::string_view text) {
  using enum scheduler::task_state;
  static constexpr std::array states = {queued,    running,  succeeded, failed,
                                        cancelled, poisoned, expired};
  for (const auto state : states) {
    if (name_of(state) == text) return state;
  }
  return std::nullopt;
}

fault damaged_task(const std::string& path, task_id task) {
  return {fault_code::store_failed, "store " + path + ": task " + to_string(task) + " is damaged",
          "restore a backup"};
}

namespace {

result<void> load_finished(sqlite::connection& file, scheduler::snapshot& into) {
  auto rows = file.with(
      "SELECT job.id, job.key, job.content_hash, job.count, job_progress.succeeded FROM job"
      " JOIN job_progress ON job_progress.job = job.id"
      " WHERE job_progress.remaining = 0 ORDER BY job.id");
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    into.finished.push_back({job_id{static_cast<std::uint64_t>(rows.integer(0))},
                             rows.integer(3) == rows.integer(4), rows.text(1),
                             static_cast<std::uint64_t>(rows.integer(2))});
  }
}

result<void> load_live(sqlite::connection& file, scheduler::snapshot& into) {
  auto rows = file.with("SELECT " FABRIC_JOB_COLUMNS
                        ", job_progress.cancelled_ms FROM job"
                        " JOIN job_progress ON job_progress.job = job.id"
                        " WHERE job_progress.remaining > 0 ORDER BY job.id");
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    auto what = job_of(rows, file.path());
    if (!what) return what.error();
    into.jobs.push_back({job_id{static_cast<std::uint64_t>(rows.integer(0))},
                         std::make_shared<const scheduler::job>(std::move(*what)),
                         !rows.is_null(job_columns),
                         {}});
  }
}

result<scheduler::snapshot::task> touched_task(const sqlite::cursor& row, const std::string& path) {
  const auto task = unpacked(row.integer(0));
  const auto state = stored_state(row.bytes(1));
  auto gpus = gpus_of(row.bytes(7));
  if (!state || !gpus) return damaged_task(path, task);
  return scheduler::snapshot::task{task.index,
                                   *state,
                                   static_cast<attempt_number>(row.integer(2)),
                                   node_id{static_cast<std::uint64_t>(row.integer(3))},
                                   std::move(*gpus),
                                   static_cast<std::uint32_t>(row.integer(4)),
                                   static_cast<std::uint32_t>(row.integer(5)),
                                   static_cast<std::uint32_t>(row.integer(6))};
}

/// Precondition: the live jobs are there, in ascending order; so are the rows.
result<void> load_touched(sqlite::connection& file, scheduler::snapshot& into) {
  auto rows = file.with(
      "SELECT task.id, task.state, task.attempt, task.node, task.failures, task.crashes, task.lost,"
      " task.gpus FROM job_progress CROSS JOIN task"
      " ON task.id BETWEEN job_progress.job << 32 AND (job_progress.job << 32) + 0xffffffff"
      " WHERE job_progress.remaining > 0 ORDER BY job_progress.job, task.id");
  auto job = into.jobs.begin();
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    auto task = touched_task(rows, file.path());
    if (!task) return task.error();
    const auto owner = unpacked(rows.integer(0)).job;
    while (job != into.jobs.end() && job->id < owner) ++job;
    if (job == into.jobs.end() || job->id != owner) {
      return damaged_task(file.path(), unpacked(rows.integer(0)));
    }
    job->touched.push_back(std::move(*task));
  }
}

result<void> load_nodes(sqlite::connection& file, scheduler::snapshot& into) {
  auto rows = file.with(
      "SELECT id, name, incarnation, boot_id, draining FROM node WHERE forgotten_ms IS NULL"
      " ORDER BY id");
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    into.nodes.push_back({node_id{static_cast<std::uint64_t>(rows.integer(0))}, rows.text(1),
                          static_cast<std::uint64_t>(rows.integer(2)), rows.text(3),
                          rows.integer(4) != 0});
  }
}

}  // namespace

result<scheduler::snapshot> head_store::load() {
  scheduler::snapshot content;
  for (const auto part : {&load_finished, &load_live, &load_touched, &load_nodes}) {
    if (auto loaded = part(file_->rows, content); !loaded) return loaded.error();
  }
  auto last = file_->rows.integer("SELECT max(id) FROM job");
  if (!last) return last.error();
  content.last_job = job_id{static_cast<std::uint64_t>(*last)};
  return content;
}

}  // namespace fabric::store
