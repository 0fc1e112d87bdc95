#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "actors/spawner/process_tree.hpp"
#include "tests/spawner/support.hpp"

namespace fabric::spawner {
namespace {

using namespace testing;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A task that resists: ignores SIGTERM and SIGHUP, has a child in its group, and a daemon that has
/// forked twice, is in a session of its own and has an environment without marker.
std::string resists(const signpost& up, const std::string& seconds) {
  return "trap '' TERM HUP; env -i setsid -f sh -c 'trap \"\" TERM HUP; echo up > " + up.path() +
         "; exec sleep " + seconds + "'; sh -c 'echo up > " + up.path() + "; exec sleep " +
         seconds + "' & wait";
}
constexpr std::size_t lines_of_one = 2;

/// Forks a process that launches a spawner and `tasks` resisting tasks, then does `last`.
pid_t fork_daemon(const signpost& up, const std::string& seconds, std::uint64_t tasks,
                  const std::function<void()>& last) {
  const pid_t daemon = ::fork();
  if (daemon != 0) return daemon;
  auto spawner = fabric::spawner::link::launch({});
  if (!spawner) ::_exit(1);
  for (std::uint64_t i = 1; i <= tasks; ++i)
    if (!spawner->send(a_script(attempt(i), resists(up, seconds)))) ::_exit(2);
  last();
  ::_exit(0);
}

/// Processes with this word, once there are so many: one that is becoming another program has no
/// words for a moment.
std::vector<pid_t> at_least(std::size_t count, const std::string& text) {
  const auto until = std::chrono::steady_clock::now() + patience;
  auto there = processes_with(text);
  while (there.size() < count && std::chrono::steady_clock::now() < until)
    there = processes_with(text);
  return there;
}

TEST(DeathOfTheDaemon, ByAnySignalTakesEveryProcessOfItsTasksWithinTwoSeconds) {
  const scratch_folder folder;
  signpost up(folder.path("up"));
  const std::string seconds = "51001.5";
  const pid_t daemon = fork_daemon(up, seconds, 10, [] {
    while (true) ::pause();
  });
  ASSERT_TRUE(up.passed(10 * lines_of_one));
  const auto there = at_least(30, seconds);
  EXPECT_GE(there.size(), 30U);
  ::kill(daemon, SIGKILL);
  EXPECT_TRUE(all_gone(there, 2s));
  EXPECT_THAT(processes_with(seconds), IsEmpty());
  EXPECT_EQ(::waitpid(daemon, nullptr, 0), daemon);
}

TEST(DeathOfTheDaemon, ByExitWithoutACallOfTheDestructorDoesTheSame) {
  const scratch_folder folder;
  signpost up(folder.path("up"));
  signpost go(folder.path("go"));
  const std::string seconds = "51002.5";
  const pid_t daemon = fork_daemon(up, seconds, 3, [&] { go.passed(); });
  ASSERT_TRUE(up.passed(3 * lines_of_one));
  const auto there = processes_with(seconds);
  go.release();
  EXPECT_EQ(::waitpid(daemon, nullptr, 0), daemon);
  EXPECT_TRUE(all_gone(there, 2s));
  EXPECT_THAT(processes_with(seconds), IsEmpty());
}

TEST(DeathOfTheDaemon, TakesTheTasksEvenWhenTheSpawnerIsStopped) {
  const scratch_folder folder;
  signpost up(folder.path("up"));
  const std::string seconds = "51003.5";
  const pid_t daemon = fork_daemon(up, seconds, 2, [] {
    while (true) ::pause();
  });
  ASSERT_TRUE(up.passed(2 * lines_of_one));
  const auto there = processes_with(seconds);
  for (const auto& entry : with_descendants(all_processes(), {daemon}))
    if (content_of("/proc/" + std::to_string(entry.pid) + "/comm") == "fabric-spawner\n")
      ::kill(entry.pid, SIGSTOP);
  ::kill(daemon, SIGKILL);
  EXPECT_TRUE(all_gone(there, 2s));
  EXPECT_EQ(::waitpid(daemon, nullptr, 0), daemon);
}

TEST(EndOfTheLink, TakesEveryProcessBeforeTheDestructorReturns) {
  const scratch_folder folder;
  signpost up(folder.path("up"));
  const std::string seconds = "51004.5";
  {
    running_spawner spawner;
    spawner.send(a_script(attempt(1), resists(up, seconds)));
    ASSERT_TRUE(up.passed(lines_of_one));
  }
  EXPECT_THAT(processes_with(seconds), IsEmpty());
}

TEST(DeathOfTheSpawner, IsSeenByTheReaderWhenItsTasksAreGone) {
  const scratch_folder folder;
  signpost up(folder.path("up"));
  const std::string seconds = "51005.5";
  running_spawner spawner;
  for (std::uint64_t i = 1; i <= 3; ++i) spawner.send(a_script(attempt(i), resists(up, seconds)));
  ASSERT_TRUE(up.passed(3 * lines_of_one));
  ::kill(spawner->pid(), SIGKILL);
  EXPECT_TRUE(spawner.gone());
  EXPECT_THAT(processes_with(seconds), IsEmpty());
  const auto sent = spawner->send(a_program(attempt(9), {"true"}));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, fault_code::unreachable);
}

TEST(DeathOfTheWarden, EndsTheSpawnerAndItsTasksToo) {
  const scratch_folder folder;
  signpost up(folder.path("up"));
  const std::string seconds = "51006.5";
  running_spawner spawner;
  spawner.send(a_script(attempt(1), resists(up, seconds)));
  ASSERT_TRUE(up.passed(lines_of_one));
  const auto there = processes_with(seconds);
  ::kill(look_at(spawner->pid())->parent, SIGKILL);
  EXPECT_TRUE(spawner.gone());
  EXPECT_TRUE(all_gone(there, 2s));
}

TEST(Signals, MeantForTheDaemonDoNotEndTheSpawner) {
  running_spawner spawner;
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE}) {
    ::kill(spawner->pid(), number);
    ::kill(look_at(spawner->pid())->parent, number);
  }
  EXPECT_EQ(spawner.run(a_program(attempt(1), {"true"})).exit_code, 0);
}

}  // namespace
}  // namespace fabric::spawner
