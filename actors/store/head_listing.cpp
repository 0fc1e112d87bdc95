#include <algorithm>
#include <limits>

#include "actors/store/head_file.hpp"
#include "actors/store/head_records.hpp"
#include "actors/store/head_rows.hpp"
#include "actors/store/job_row.hpp"

/// What the head store answers to people: jobs and tasks that the scheduler no longer holds.
namespace fabric::store {

namespace {

std::int64_t limited(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, 1'000'000'000));
}

/// Columns after the job's own: submitted_ms, cancelled_ms, cancel_reason.
result<stored_job> stored_job_of(const sqlite::cursor& row, const std::string& path) {
  auto what = job_of(row, path);
  if (!what) return what.error();
  return stored_job{job_id{static_cast<std::uint64_t>(row.integer(0))},
                    std::make_shared<const scheduler::job>(std::move(*what)),
                    !row.is_null(job_columns + 1), row.integer(job_columns),
                    row.text(job_columns + 2)};
}

result<stored_task> stored_task_of(const sqlite::cursor& row, const std::string& path) {
  const auto task = unpacked(row.integer(0));
  const auto state = stored_state(row.bytes(1));
  if (!state) return damaged_task(path, task);
  return stored_task{task,
                     *state,
                     static_cast<attempt_number>(row.integer(2)),
                     node_id{static_cast<std::uint64_t>(row.integer(3))},
                     static_cast<std::uint32_t>(row.integer(4)),
                     static_cast<std::uint32_t>(row.integer(5)),
                     row.text(6),
                     row.integer(7)};
}

}  // namespace

result<std::vector<stored_job>> head_store::jobs(job_id before, std::size_t limit) {
  const auto below = before.value == 0 ? std::numeric_limits<std::int64_t>::max()
                                       : static_cast<std::int64_t>(before.value);
  auto rows = file_->rows.with(
      "SELECT " FABRIC_JOB_COLUMNS
      ", job.submitted_ms, job_progress.cancelled_ms, job_progress.cancel_reason FROM job"
      " JOIN job_progress ON job_progress.job = job.id"
      " WHERE job.id < ? ORDER BY job.id DESC LIMIT ?",
      below, limited(limit));
  std::vector<stored_job> found;
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return found;
    auto row = stored_job_of(rows, file_->path);
    if (!row) return row.error();
    found.push_back(std::move(*row));
  }
}

result<std::optional<stored_job>> head_store::job(job_id id) {
  auto rows = file_->rows.with(
      "SELECT " FABRIC_JOB_COLUMNS
      ", job.submitted_ms, job_progress.cancelled_ms, job_progress.cancel_reason FROM job"
      " JOIN job_progress ON job_progress.job = job.id WHERE job.id = ?",
      static_cast<std::int64_t>(id.value));
  auto found = rows.next();
  if (!found) return found.error();
  if (!*found) return std::optional<stored_job>();
  auto row = stored_job_of(rows, file_->path);
  if (!row) return row.error();
  return std::optional<stored_job>(std::move(*row));
}

result<std::vector<stored_task>> head_store::tasks(job_id id, std::uint32_t first,
                                                   std::size_t limit,
                                                   std::optional<scheduler::task_state> only) {
  const auto state = only ? scheduler::name_of(*only) : std::string_view{};
  auto rows = file_->rows.with(
      "SELECT id, state, attempt, node, failures, lost, report, changed_ms FROM task"
      " WHERE id BETWEEN ? AND ? AND (? = '' OR state = ?) ORDER BY id LIMIT ?",
      packed({id, first}), last_key(id), state, state, limited(limit));
  std::vector<stored_task> found;
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return found;
    auto row = stored_task_of(rows, file_->path);
    if (!row) return row.error();
    found.push_back(std::move(*row));
  }
}

result<std::optional<stored_task>> head_store::task(task_id id) {
  auto rows = file_->rows.with(
      "SELECT id, state, attempt, node, failures, lost, report, changed_ms FROM task WHERE id = ?",
      packed(id));
  auto found = rows.next();
  if (!found) return found.error();
  if (!*found) return std::optional<stored_task>();
  auto row = stored_task_of(rows, file_->path);
  if (!row) return row.error();
  return std::optional<stored_task>(std::move(*row));
}

result<std::optional<std::string>> head_store::node_name(node_id id) {
  auto rows =
      file_->rows.with("SELECT name FROM node WHERE id = ?", static_cast<std::int64_t>(id.value));
  auto found = rows.next();
  if (!found) return found.error();
  if (!*found) return std::optional<std::string>();
  return std::optional<std::string>(rows.text(0));
}

}  // namespace fabric::store
