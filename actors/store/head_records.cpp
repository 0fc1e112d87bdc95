#include "actors/store/head_records.hpp"

#include "actors/store/job_row.hpp"

namespace fabric::store {

namespace {

std::int64_t bits(std::uint64_t id) { return static_cast<std::int64_t>(id); }

fault broken_rule(std::string detail) {
  return {fault_code::internal, std::move(detail),
          "this is a defect of the scheduler: restart the head and report it"};
}

}  // namespace

result<void> record_writer::write(const scheduler::record_type& what) {
  return std::visit([this](const auto& record) { return apply(record); }, what);
}

result<void> record_writer::finish() {
  for (const auto& [job, sum] : ended_) {
    auto counted = file_
                       .with(
                           "UPDATE job_progress SET remaining = remaining - ?2,"
                           " succeeded = succeeded + ?3 WHERE job = ?1",
                           bits(job.value), sum.tasks, sum.succeeded)
                       .run();
    if (!counted) return counted;
  }
  ended_.clear();
  return {};
}

result<void> record_writer::changes_one_row(sqlite::cursor rows, task_id task, const char* doing) {
  if (auto done = rows.run(); !done) return done;
  if (file_.changed() == 1) return {};
  return broken_rule("task " + to_string(task) + " cannot be " + doing +
                     ": its job is unknown or cancelled, it is final, or a newer attempt has it");
}

result<void> record_writer::apply(const scheduler::record::job_added& added) {
  if (added.what == nullptr || added.id.value == 0 || added.id.value > 0x7fffffff) {
    return broken_rule("job " + to_string(added.id) + " cannot be stored");
  }
  if (auto made = insert_job(file_, added.id, *added.what, wall_ms_); !made) return made;
  return file_
      .with("INSERT INTO job_progress (job, remaining, succeeded) VALUES (?, ?, 0)",
            bits(added.id.value), std::int64_t{added.what->count})
      .run();
}

result<void> record_writer::apply(const scheduler::record::attempt_granted& granted) {
  return changes_one_row(
      file_.with("INSERT INTO task (id, state, attempt, node, gpus, changed_ms)"
                 " SELECT ?1, 'running', ?2, ?3, ?4, ?5 FROM job_progress"
                 " WHERE job = ?6 AND cancelled_ms IS NULL"
                 " ON CONFLICT (id) DO UPDATE SET state = 'running', attempt = excluded.attempt,"
                 " node = excluded.node, gpus = excluded.gpus, changed_ms = excluded.changed_ms"
                 " WHERE task.state IN ('queued', 'running') AND task.attempt < excluded.attempt",
                 packed(granted.id.task), std::int64_t{granted.id.attempt},
                 bits(granted.node.value), gpus_text(granted.gpus), wall_ms_,
                 bits(granted.id.task.job.value)),
      granted.id.task, "granted");
}

result<void> record_writer::apply(const scheduler::record::task_released& released) {
  return changes_one_row(
      file_.with("INSERT INTO task (id, state, attempt, failures, crashes, lost, changed_ms)"
                 " SELECT ?1, 'queued', ?2, ?3, ?4, ?5, ?6 FROM job_progress"
                 " WHERE job = ?7 AND cancelled_ms IS NULL"
                 " ON CONFLICT (id) DO UPDATE SET state = 'queued', attempt = excluded.attempt,"
                 " node = 0, gpus = '', failures = excluded.failures, crashes = excluded.crashes,"
                 " lost = excluded.lost, changed_ms = excluded.changed_ms"
                 " WHERE task.state IN ('queued', 'running') AND task.attempt <= excluded.attempt",
                 packed(released.task), std::int64_t{released.last_attempt},
                 std::int64_t{released.failures}, std::int64_t{released.crashes},
                 std::int64_t{released.lost}, wall_ms_, bits(released.task.job.value)),
      released.task, "released");
}

result<void> record_writer::apply(const scheduler::record::task_finished& finished) {
  if (!scheduler::is_final(finished.state)) {
    return broken_rule("task " + to_string(finished.task) + " cannot end as " +
                       std::string(name_of(finished.state)));
  }
  // A task of a cancelled job that has no row is cancelled already, by the job's own row.
  auto done = changes_one_row(
      file_.with("INSERT INTO task (id, state, attempt, node, failures, lost, report, changed_ms)"
                 " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM job_progress WHERE job = ?9"
                 " AND (cancelled_ms IS NULL OR EXISTS (SELECT 1 FROM task WHERE id = ?1))"
                 " ON CONFLICT (id) DO UPDATE SET state = excluded.state,"
                 " attempt = excluded.attempt, node = excluded.node, gpus = '',"
                 " failures = excluded.failures, lost = excluded.lost, report = excluded.report,"
                 " changed_ms = excluded.changed_ms"
                 " WHERE task.state IN ('queued', 'running')",
                 packed(finished.task), name_of(finished.state), std::int64_t{finished.attempt},
                 bits(finished.node.value), std::int64_t{finished.failures},
                 std::int64_t{finished.lost}, sqlite::blob{finished.report}, wall_ms_,
                 bits(finished.task.job.value)),
      finished.task, "finished");
  if (!done) return done;
  auto& sum = ended_[finished.task.job];
  ++sum.tasks;
  if (finished.state == scheduler::task_state::succeeded) ++sum.succeeded;
  return {};
}

/// Every task that waits ends with this row, touched or not; one that is held ends by a record of
/// its own.
result<void> record_writer::apply(const scheduler::record::job_cancelled& cancelled) {
  if (auto counted = finish(); !counted) return counted;
  const auto job = cancelled.job;
  auto waiting = file_
                     .with(
                         "UPDATE task SET state = 'cancelled', changed_ms = ?3"
                         " WHERE id BETWEEN ?1 AND ?2 AND state = 'queued'",
                         first_key(job), last_key(job), wall_ms_)
                     .run();
  if (!waiting) return waiting;
  auto marked = file_
                    .with(
                        "UPDATE job_progress SET cancelled_ms = ?4, cancel_reason = ?5,"
                        " remaining = (SELECT count(*) FROM task WHERE id BETWEEN ?2 AND ?3"
                        " AND state = 'running')"
                        " WHERE job = ?1 AND cancelled_ms IS NULL",
                        bits(job.value), first_key(job), last_key(job), wall_ms_, cancelled.reason)
                    .run();
  if (!marked) return marked;
  if (file_.changed() == 1) return {};
  return broken_rule("job " + to_string(job) +
                     " cannot be cancelled: unknown, or cancelled before");
}

result<void> record_writer::apply(const scheduler::record::node_seen& seen) {
  return file_
      .with(
          "INSERT INTO node (id, name, incarnation, boot_id, draining, seen_ms)"
          " VALUES (?, ?, ?, ?, ?, ?)"
          " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
          " incarnation = excluded.incarnation, boot_id = excluded.boot_id,"
          " draining = excluded.draining, seen_ms = excluded.seen_ms, forgotten_ms = NULL",
          bits(seen.node.value), seen.name, bits(seen.incarnation), seen.boot_id,
          std::int64_t{seen.draining ? 1 : 0}, wall_ms_)
      .run();
}

result<void> record_writer::apply(const scheduler::record::node_forgotten& forgotten) {
  // The row stays, so that listings of old tasks can still name the node.
  return file_
      .with("UPDATE node SET forgotten_ms = ?2 WHERE id = ?1", bits(forgotten.node.value), wall_ms_)
      .run();
}

}  // namespace fabric::store
