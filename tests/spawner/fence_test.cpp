#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "actors/spawner/clocks.hpp"
#include "tests/spawner/support.hpp"

namespace fabric::spawner {
namespace {

using namespace testing;
using ::testing::IsEmpty;
using transport::spawner::fence;

TEST(Fence, KillsEveryTaskAtItsInstantAndNotBefore) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  for (std::uint64_t i = 1; i <= 20; ++i)
    spawner.send(a_script(
        attempt(i), "trap '' TERM; setsid -f sleep 1000; echo up > " + up.path() + "; sleep 1000"));
  ASSERT_TRUE(up.passed(20));
  const instant at = boot_now() + 400ms;
  spawner.send(fence{at});
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const auto end = spawner.ended(attempt(i));
    EXPECT_EQ(why(end), end_reason::fenced);
    EXPECT_EQ(end.signal, SIGKILL);
    EXPECT_THAT(processes_with(marker_of(attempt(i))), IsEmpty());
  }
  EXPECT_GE(boot_now(), at);
  EXPECT_LT(boot_now(), at + 2s);
}

TEST(Fence, RefusesTasksThatComeAfterIt) {
  running_spawner spawner;
  spawner.send(fence{boot_now() - 1s});
  const auto end = spawner.run(a_program(attempt(1), {"true"}));
  EXPECT_EQ(why(end), end_reason::fenced);
  EXPECT_EQ(end.detail, "the lease of this node had ended");
}

TEST(Fence, ThatIsMovedOnLetsTasksStartAndLive) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost go(folder.path("go"));
  spawner.send(fence{boot_now() - 1s});
  EXPECT_EQ(why(spawner.run(a_program(attempt(1), {"true"}))), end_reason::fenced);
  spawner.send(fence{boot_now() + 300ms});
  spawner.send(a_script(attempt(2), "read x < " + go.path()));
  spawner.started(attempt(2));
  spawner.send(fence{boot_now() + 1h});
  // Attempt 3 is there to let the earlier fence pass while something is watched.
  auto until_then = a_program(attempt(3), {"sleep", "1000"});
  until_then.time_limit = 500ms;
  EXPECT_EQ(why(spawner.run(until_then)), end_reason::timed_out);
  EXPECT_FALSE(spawner.has_ended(attempt(2)));
  go.release();
  EXPECT_EQ(why(spawner.ended(attempt(2))), end_reason::exited);
}

TEST(Fence, HoldsEvenWhenTheSpawnerItselfIsStopped) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  spawner.send(
      a_script(attempt(1), "echo up > " + up.path() + "; trap '' TERM; sleep 1000 & wait"));
  ASSERT_TRUE(up.passed());
  spawner.send(fence{boot_now() + 1h});
  spawner.send(fence{boot_now() + 300ms});
  // Its answer to a start tells that it has read the fences before it.
  spawner.send(a_program(attempt(2), {"sleep", "1000"}));
  spawner.started(attempt(2));
  const auto there = processes_with(marker_of(attempt(1)));
  ::kill(spawner->pid(), SIGSTOP);
  EXPECT_TRUE(all_gone(there, 2s));
  EXPECT_TRUE(spawner.gone());
}

TEST(Fence, ThatIsNeverIsNone) {
  running_spawner spawner;
  spawner.send(fence{boot_now() - 1s});
  spawner.send(fence{never});
  EXPECT_EQ(why(spawner.run(a_program(attempt(1), {"true"}))), end_reason::exited);
}

TEST(Fence, HoldsWhileTheDaemonIsNotReading) {
  // No reader thread: as a daemon that is stopped.
  auto launched = fabric::spawner::link::launch({});
  ASSERT_TRUE(launched);
  const scratch_folder folder;
  signpost up(folder.path("up"));
  for (std::uint64_t i = 1; i <= 8; ++i)
    ASSERT_TRUE(launched->send(a_script(
        attempt(i), "seq 100000; seq 20000 >&2; echo up > " + up.path() + "; sleep 1000")));
  ASSERT_TRUE(up.passed(8));
  std::vector<pid_t> all;
  for (std::uint64_t i = 1; i <= 8; ++i)
    for (const pid_t pid : processes_with(marker_of(attempt(i)))) all.push_back(pid);
  EXPECT_GE(all.size(), 8U);
  ASSERT_TRUE(launched->send(fence{boot_now()}));
  EXPECT_TRUE(all_gone(all, 2s));
  // Nor does the queue of its answers keep it from taking messages.
  for (std::uint64_t i = 100; i < 3000; ++i)
    ASSERT_TRUE(launched->send(a_program(attempt(i), {"true"})));
  std::size_t ends = 0;
  while (ends < 8 + 2900)
    if (std::holds_alternative<process_ended>(launched->receive().value())) ++ends;
}

}  // namespace
}  // namespace fabric::spawner
