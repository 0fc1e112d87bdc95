#pragma once

#include <cstdint>
#include <map>

#include "actors/store/sqlite.hpp"
#include "scheduler/record.hpp"

namespace fabric::store {

/// A task as the key of its row.
constexpr std::int64_t packed(task_id task) {
  return static_cast<std::int64_t>(task.job.value << 32 | task.index);
}
constexpr task_id unpacked(std::int64_t key) {
  const auto bits = static_cast<std::uint64_t>(key);
  return {job_id{bits >> 32}, static_cast<std::uint32_t>(bits)};
}
/// Rows of one job's tasks lie between these, both included.
constexpr std::int64_t first_key(job_id job) { return packed({job, 0}); }
constexpr std::int64_t last_key(job_id job) { return packed({job, 0xffffffff}); }

/// Writes records into the tables inside of a transaction that the caller owns.
///
/// The rules that the scheduler must keep are enforced here by SQL, so that a mistake there cannot
/// change what was promised: a final state never changes, an attempt's number only grows, a
/// cancelled job starts nothing. A record that breaks one is fault internal.
class record_writer {
 public:
  record_writer(sqlite::connection& file, std::int64_t wall_ms) : file_(file), wall_ms_(wall_ms) {}

  result<void> write(const scheduler::record_type& what);
  /// Must be called after the last record: adds up what ended, one row a job.
  result<void> finish();

 private:
  struct ended {
    std::int64_t tasks = 0;
    std::int64_t succeeded = 0;
  };

  result<void> apply(const scheduler::record::job_added& added);
  result<void> apply(const scheduler::record::attempt_granted& granted);
  result<void> apply(const scheduler::record::task_released& released);
  result<void> apply(const scheduler::record::task_finished& finished);
  result<void> apply(const scheduler::record::job_cancelled& cancelled);
  result<void> apply(const scheduler::record::node_seen& seen);
  result<void> apply(const scheduler::record::node_forgotten& forgotten);
  result<void> changes_one_row(sqlite::cursor rows, task_id task, const char* doing);

  sqlite::connection& file_;
  std::int64_t wall_ms_;
  std::map<job_id, ended> ended_;
};

}  // namespace fabric::store
