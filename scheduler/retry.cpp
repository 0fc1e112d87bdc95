#include "scheduler/retry.hpp"

#include <algorithm>

namespace fabric::scheduler {

namespace {

constexpr std::uint32_t machine_deaths_max = 3;

verdict after_failure(const retry_policy& policy, touched_task& task, std::uint64_t seed) {
  task.crashes = 0;
  ++task.failures;
  if (task.failures > policy.retries_max) return {task_state::failed};
  return {std::nullopt, wait_before_retry(policy.backoff, task.failures, seed)};
}

verdict after_crash(const retry_policy& policy, touched_task& task, std::uint64_t seed) {
  ++task.crashes;
  if (task.crashes >= policy.poison_after) return {task_state::poisoned};
  return {std::nullopt, wait_before_retry(policy.backoff, task.crashes, seed)};
}

verdict judge_wanted(ending how, const retry_policy& policy, touched_task& task,
                     std::uint64_t seed) {
  switch (how) {
    case ending::succeeded: return {task_state::succeeded};
    case ending::failed:
    case ending::timed_out: return after_failure(policy, task, seed);
    case ending::crashed: return after_crash(policy, task, seed);
    case ending::cancelled: return {task_state::cancelled};
    case ending::preempted:
    case ending::lost: ++task.lost; return {};
    case ending::unstartable: ++task.failures; return {task_state::failed};
  }
  return {task_state::failed};
}

}  // namespace

verdict judge(ending how, const retry_policy& policy, touched_task& task, bool is_unwanted,
              std::uint64_t seed) {
  const verdict v = judge_wanted(how, policy, task, seed);
  if (is_unwanted && v.final != task_state::succeeded) return {task_state::cancelled};
  return v;
}

verdict judge_machine_death(const retry_policy& policy, touched_task& task) {
  ++task.crashes;
  if (task.crashes >= std::max(policy.poison_after, machine_deaths_max))
    return {task_state::poisoned};
  return {};
}

}  // namespace fabric::scheduler
