#pragma once

#include <cstdint>
#include <optional>

#include "scheduler/job_table.hpp"

namespace fabric::scheduler {

/// What becomes of a task whose attempt ended: its final state, or another try after `wait`.
struct verdict {
  std::optional<task_state> final;
  duration wait{0};
};

/// Judges the end of an attempt and counts it in `task`. `is_unwanted`: the task or its job was
/// cancelled, so that only a success can still change its fate.
verdict judge(ending how, const retry_policy& policy, touched_task& task, bool is_unwanted,
              std::uint64_t seed);

/// The task's machine went down under it. Counts like a crash, since it may be to blame; but two
/// machines may be forgiven even to a task that is poisoned by its first signal.
verdict judge_machine_death(const retry_policy& policy, touched_task& task);

}  // namespace fabric::scheduler
