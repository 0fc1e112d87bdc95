#pragma once

#include <cstdint>

#include "actors/store/sqlite.hpp"
#include "scheduler/job.hpp"

namespace fabric::store {

/// Inserts the job into `job`. A key or an id that exists is fault internal: the scheduler must
/// have seen it.
result<void> insert_job(sqlite::connection& file, job_id id, const scheduler::job& what,
                        std::int64_t wall_ms);

/// The columns that `job_of` reads, in its order, qualified with the table's name.
#define FABRIC_JOB_COLUMNS                                                                   \
  "job.id, job.key, job.name, job.submitter, job.study, job.priority, job.first_index, "     \
  "job.count, job.is_array, job.retries_max, job.backoff_first_us, job.backoff_longest_us, " \
  "job.poison_after, job.time_limit_us, job.expires_after_us, job.amounts, job.conditions, " \
  "job.after, job.payload, job.owner"
inline constexpr int job_columns = 20;

/// Reads a row that begins with FABRIC_JOB_COLUMNS. Faults: store_failed where it is damaged.
result<scheduler::job> job_of(const sqlite::cursor& row, const std::string& path);

/// "2:id3:500" and back, for the GPUs that an attempt holds.
std::string gpus_text(const std::vector<gpu_share>& gpus);
std::optional<std::vector<gpu_share>> gpus_of(std::string_view text);

}  // namespace fabric::store
