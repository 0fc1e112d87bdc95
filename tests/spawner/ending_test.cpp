#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/spawner/support.hpp"

namespace fabric::spawner {
namespace {

using namespace testing;
using ::testing::IsEmpty;
using transport::spawner::kill;

/// A script that leaves a process behind which has a session of its own and does not mind SIGTERM
/// or SIGHUP; `clean` may be "env -i". Returns when that process is up.
std::string leaves_a_daemon(const signpost& up, const std::string& seconds,
                            const std::string& clean = "") {
  return clean + " setsid -f sh -c 'trap \"\" TERM HUP; echo up > " + up.path() + "; exec sleep " +
         seconds + "' > /dev/null 2>&1; ";
}

TEST(Killing, EndsATaskByTermWhenThatIsEnough) {
  running_spawner spawner;
  spawner.send(a_program(attempt(1), {"sleep", "1000"}));
  spawner.started(attempt(1));
  spawner.send(kill{attempt(1), 60s});
  const auto end = spawner.ended(attempt(1));
  EXPECT_EQ(why(end), end_reason::killed);
  EXPECT_EQ(end.signal, SIGTERM);
}

TEST(Killing, LetsATaskSayGoodbyeWithinTheGrace) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  spawner.send(a_script(attempt(1), "trap 'echo bye; exit 4' TERM; echo up > " + up.path() +
                                        "; while :; do sleep 0.01; done"));
  ASSERT_TRUE(up.passed());
  spawner.send(kill{attempt(1), 60s});
  const auto end = spawner.ended(attempt(1));
  EXPECT_EQ(why(end), end_reason::killed);
  EXPECT_EQ(end.exit_code, 4);
  EXPECT_EQ(end.stdout_tail, "bye\n");
}

TEST(Killing, UsesForceAfterTheGraceAndReachesEveryProcess) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  const auto what = a_script(attempt(1), "trap '' TERM; " + leaves_a_daemon(up, "1000") +
                                             "sleep 1000 & echo up > " + up.path() + "; wait");
  spawner.send(what);
  ASSERT_TRUE(up.passed(2));
  const auto before = std::chrono::steady_clock::now();
  spawner.send(kill{attempt(1), 300ms});
  const auto end = spawner.ended(attempt(1));
  EXPECT_GE(std::chrono::steady_clock::now() - before, 300ms);
  EXPECT_EQ(why(end), end_reason::killed);
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_THAT(processes_with(marker_of(attempt(1))), IsEmpty());
}

TEST(Killing, CatchesATaskThatForksSessionsAsFastAsItCan) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  spawner.send(a_script(attempt(1),
                        "i=0; while [ $i -lt 500 ]; do setsid -f sleep 1000; i=$((i+1)); "
                        "[ $i = 20 ] && echo up > " +
                            up.path() + "; done; sleep 1000"));
  ASSERT_TRUE(up.passed());
  spawner.send(kill{attempt(1), 0s});
  EXPECT_EQ(why(spawner.ended(attempt(1))), end_reason::killed);
  EXPECT_THAT(processes_with(marker_of(attempt(1))), IsEmpty());
}

TEST(Killing, ReachesAStoppedTask) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  spawner.send(a_script(attempt(1), "echo up > " + up.path() + "; kill -STOP $$"));
  ASSERT_TRUE(up.passed());
  spawner.send(kill{attempt(1), 60s});
  EXPECT_EQ(why(spawner.ended(attempt(1))), end_reason::killed);
}

TEST(Killing, AnAttemptThatIsNotThereChangesNothing) {
  running_spawner spawner;
  spawner.send(kill{attempt(1), 0s});
  EXPECT_EQ(why(spawner.run(a_program(attempt(1), {"true"}))), end_reason::exited);
  spawner.send(kill{attempt(1), 0s});
  EXPECT_EQ(why(spawner.run(a_program(attempt(1, 2), {"true"}))), end_reason::exited);
}

TEST(TimeLimit, EndsEvenATaskThatIgnoresTerm) {
  running_spawner spawner;
  auto what = a_script(attempt(1), "trap '' TERM; while :; do sleep 0.05; done");
  what.time_limit = 200ms;
  what.kill_grace = 200ms;
  const auto end = spawner.run(what);
  EXPECT_EQ(why(end), end_reason::timed_out);
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_GE(end.ended_ms - end.started_ms, 390);
  EXPECT_THAT(processes_with(marker_of(attempt(1))), IsEmpty());
}

TEST(TimeLimit, GivesATaskThatListensItsGrace) {
  running_spawner spawner;
  auto what = a_script(attempt(1), "trap 'exit 0' TERM; while :; do sleep 0.01; done");
  what.time_limit = 100ms;
  what.kill_grace = 60s;
  const auto end = spawner.run(what);
  EXPECT_EQ(why(end), end_reason::timed_out) << "though it exited with 0";
  EXPECT_EQ(end.exit_code, 0);
}

TEST(TimeLimit, DoesNotTouchATaskThatEndsInTime) {
  running_spawner spawner;
  auto what = a_program(attempt(1), {"true"});
  what.time_limit = 60s;
  EXPECT_EQ(why(spawner.run(what)), end_reason::exited);
}

TEST(AnEndedTask, LeavesNothingOfItsGroup) {
  running_spawner spawner;
  const auto end = spawner.run(a_script(attempt(1), "sleep 1000 & sleep 1000 & exit 5"));
  EXPECT_EQ(end.exit_code, 5);
  EXPECT_THAT(processes_with(marker_of(attempt(1))), IsEmpty());
}

TEST(AnEndedTask, LeavesNoDaemonThatForkedTwiceInASessionOfItsOwn) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  signpost go(folder.path("go"));
  spawner.send(
      a_script(attempt(1), leaves_a_daemon(up, "1000") + "read x < " + go.path() + "; exit 5"));
  ASSERT_TRUE(up.passed());
  EXPECT_EQ(processes_with(marker_of(attempt(1))).size(), 2U) << "the task and its daemon";
  go.release();
  EXPECT_EQ(spawner.ended(attempt(1)).exit_code, 5);
  EXPECT_THAT(processes_with(marker_of(attempt(1))), IsEmpty());
}

TEST(AnEndedTask, LeavesNoDaemonThatAlsoHidItsEnvironment) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  signpost go(folder.path("go"));
  spawner.send(
      a_script(attempt(1), leaves_a_daemon(up, "43210.5", "env -i") + "read x < " + go.path()));
  ASSERT_TRUE(up.passed());
  ASSERT_EQ(processes_with("43210.5").size(), 2U);
  go.release();
  EXPECT_EQ(spawner.ended(attempt(1)).exit_code, 0);
  EXPECT_THAT(processes_with("43210.5"), IsEmpty());
}

TEST(AnEndedTask, LeavesTheDaemonsOfOtherTasksAlone) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  signpost go(folder.path("go"));
  spawner.send(a_script(attempt(1), leaves_a_daemon(up, "1000") + "read x < " + go.path()));
  ASSERT_TRUE(up.passed());
  EXPECT_EQ(spawner.run(a_script(attempt(2), "sleep 1000 & exit 0")).exit_code, 0);
  EXPECT_EQ(processes_with(marker_of(attempt(1))).size(), 2U);
  EXPECT_THAT(processes_with(marker_of(attempt(2))), IsEmpty());
}

TEST(ADaemonOfUnknownOrigin, LivesUntilTheLastTaskThatMayOwnItHasEnded) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  signpost one(folder.path("one"));
  signpost two(folder.path("two"));
  spawner.send(
      a_script(attempt(1), leaves_a_daemon(up, "43211.5", "env -i") + "read x < " + one.path()));
  ASSERT_TRUE(up.passed());
  spawner.send(a_script(attempt(2), "echo up > " + up.path() + "; read x < " + two.path()));
  ASSERT_TRUE(up.passed());
  one.release();
  spawner.ended(attempt(1));
  const auto left = processes_with("43211.5");
  ASSERT_EQ(left.size(), 1U);
  two.release();
  spawner.ended(attempt(2));
  EXPECT_TRUE(all_gone(left, patience));
}

TEST(AnEndedTask, LeavesNothingOfATreeThatKeepsForkingSessions) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost up(folder.path("up"));
  // Each generation starts the next one in a new session and dies.
  const std::string chain = "echo 'sleep 0.01; setsid -f sh " + folder.path("next") + "' > " +
                            folder.path("next") + "; setsid -f sh " + folder.path("next") +
                            "; sleep 0.2; exit 0";
  EXPECT_EQ(spawner.run(a_script(attempt(1), chain)).exit_code, 0);
  EXPECT_THAT(processes_with(marker_of(attempt(1))), IsEmpty());
}

}  // namespace
}  // namespace fabric::spawner
