#include "actors/daemon/run_verdict.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "scheduler/job.hpp"

namespace fabric::daemon {
namespace {

using scheduler::task_state;

run_verdict verdict_of(task_state state, transport::task_report report = {}) {
  return conclude({.told = {.task = {job_id{7}, 0}, .state = static_cast<std::uint8_t>(state)},
                   .report = std::move(report)});
}

TEST(VerdictOfARun, IsTheCommandsOwnStatusWithoutAWord) {
  EXPECT_EQ(verdict_of(task_state::succeeded).status, 0);
  const auto failed = verdict_of(task_state::failed, {.exit_code = 3, .code = "TASK_FAILED"});
  EXPECT_EQ(failed.status, 3);
  EXPECT_FALSE(failed.why);
}

TEST(VerdictOfARun, IsThatOfAShellForASignalAndForWhatCannotBeStarted) {
  EXPECT_EQ(verdict_of(task_state::poisoned, {.exit_code = -1, .signal = 11}).status, 139);
  const auto missing = verdict_of(task_state::failed, {.exit_code = -1, .code = "TASK_FAILED"});
  EXPECT_EQ(missing.status, 127);
  EXPECT_TRUE(missing.why);
}

TEST(VerdictOfARun, SaysWhyWhereItIsNotTheCommandsDoing) {
  const auto over_time = verdict_of(task_state::failed, {.exit_code = -1, .code = "TIMED_OUT"});
  EXPECT_EQ(over_time.status, 124);
  const auto over_memory = verdict_of(task_state::poisoned, {.signal = 9, .code = "OOM_KILLED"});
  EXPECT_EQ(over_memory.status, 137);
  EXPECT_EQ(over_memory.why->code, fault_code::oom_killed);
  const auto cancelled = verdict_of(task_state::cancelled, {.signal = 15});
  EXPECT_EQ(cancelled.status, 130);
  EXPECT_EQ(cancelled.why->detail, "task 7 was cancelled");
}

}  // namespace
}  // namespace fabric::daemon
