#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>

#include "tests/spawner/support.hpp"

namespace fabric::spawner {
namespace {

using namespace testing;

TEST(StartingATask, TellsItsPidAndThenItsExitStatus) {
  running_spawner spawner;
  const auto end = spawner.run(a_script(attempt(1), "echo $$; exit 7"));
  EXPECT_EQ(why(end), end_reason::exited);
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_EQ(end.signal, 0);
  EXPECT_EQ(end.stdout_tail, std::to_string(spawner.started(attempt(1))) + "\n");
  EXPECT_GT(end.started_ms, 1'600'000'000'000);
  EXPECT_GE(end.ended_ms, end.started_ms);
  EXPECT_GT(end.memory_peak, 0U);
}

TEST(StartingATask, TellsTheSignalThatItDiedBy) {
  running_spawner spawner;
  const auto end = spawner.run(a_script(attempt(1), "kill -SEGV $$"));
  EXPECT_EQ(why(end), end_reason::exited);
  EXPECT_EQ(end.exit_code, -1);
  EXPECT_EQ(end.signal, SIGSEGV);
}

TEST(StartingATask, ThatDoesNotExistSaysWhichProgramIsMissing) {
  running_spawner spawner;
  const auto end = spawner.run(a_program(attempt(1), {"no-such-program"}));
  EXPECT_EQ(why(end), end_reason::not_started);
  EXPECT_EQ(end.detail, "no such program: no-such-program");
  EXPECT_EQ(end.exit_code, -1);
  const auto with_slash = spawner.run(a_program(attempt(2), {"/no/such/program"}));
  EXPECT_EQ(with_slash.detail, "no such program: /no/such/program");
}

TEST(StartingATask, ThatIsNoProgramSaysWhatIsWrongWithIt) {
  running_spawner spawner;
  const scratch_folder folder;
  const auto make = [&](const std::string& name, const std::string& text, mode_t mode) {
    std::ofstream(folder.path(name)) << text;
    ::chmod(folder.path(name).c_str(), mode);
    return folder.path(name);
  };
  const std::string plain = make("plain", "echo hello\n", 0755);
  const std::string orphan = make("orphan", "#!/no/such/shell\n", 0755);
  const std::string data = make("data", "#!/bin/sh\n", 0644);
  EXPECT_EQ(spawner.run(a_program(attempt(1), {plain})).detail,
            "not a program, nor a script that begins with #!: " + plain);
  EXPECT_EQ(spawner.run(a_program(attempt(2), {orphan})).detail,
            "the interpreter that " + orphan + " asks for does not exist");
  EXPECT_EQ(spawner.run(a_program(attempt(3), {data})).detail, "not executable: " + data);
}

TEST(StartingATask, RefusesWhatCannotBePassedToAProgram) {
  running_spawner spawner;
  EXPECT_EQ(spawner.run(a_program(attempt(1), {})).detail, "no program is named");
  EXPECT_EQ(spawner.run(a_program(attempt(2), {"echo", std::string("a\0b", 3)})).detail,
            "an argument, a variable or the working folder holds a NUL byte");
  EXPECT_EQ(spawner.run(a_program(attempt(3), {"echo", std::string(3 << 20, 'x')})).detail,
            "arguments and environment are too long for echo");
}

TEST(StartingATask, InAFolderThatIsMissingSaysWhich) {
  running_spawner spawner;
  auto what = a_program(attempt(1), {"true"});
  what.cwd = "/no/such/folder";
  const auto end = spawner.run(what);
  EXPECT_EQ(why(end), end_reason::not_started);
  EXPECT_EQ(end.detail,
            "cannot enter the working folder /no/such/folder: No such file or directory");
}

TEST(StartingATask, GivesItExactlyTheEnvironmentThatWasAskedFor) {
  running_spawner spawner;
  auto what = a_program(attempt(1), {"/usr/bin/env"});
  what.env = {"B=2", "A=1 with spaces", "FABRIC_TASK_ID=1"};
  EXPECT_EQ(spawner.run(what).stdout_tail, "B=2\nA=1 with spaces\nFABRIC_TASK_ID=1\n");
}

TEST(StartingATask, GivesItItsWorkingFolderAndASessionOfItsOwn) {
  running_spawner spawner;
  const scratch_folder folder;
  auto what = a_script(attempt(1), "pwd -P; exec cut -d' ' -f1,5,6 /proc/self/stat");
  what.cwd = folder.path("");
  const auto end = spawner.run(what);
  const std::string pid = std::to_string(spawner.started(attempt(1)));
  const std::string where = std::filesystem::canonical(folder.path("")).string();
  EXPECT_EQ(end.stdout_tail, where + "\n" + pid + " " + pid + " " + pid + "\n");
}

/// Ignores every signal that can be, as a careless parent of the daemon might, also the two that
/// glibc keeps for itself.
class careless_parent {
 public:
  careless_parent() {
    for (int number : numbers) {
      std::array<unsigned long, 4> ignored{1};  // SIG_IGN
      ::syscall(SYS_rt_sigaction, number, ignored.data(), before_.at(index(number)).data(), 8);
    }
  }
  ~careless_parent() {
    for (int number : numbers)
      ::syscall(SYS_rt_sigaction, number, before_.at(index(number)).data(), nullptr, 8);
  }
  careless_parent(const careless_parent&) = delete;
  careless_parent& operator=(const careless_parent&) = delete;

 private:
  static constexpr std::array numbers{SIGHUP, SIGINT, SIGPIPE, 32, 33, 40};
  static std::size_t index(int number) {
    return static_cast<std::size_t>(std::find(numbers.begin(), numbers.end(), number) -
                                    numbers.begin());
  }
  std::array<std::array<unsigned long, 4>, numbers.size()> before_{};
};

TEST(StartingATask, LetsItHearEverySignalWhateverTheDaemonsParentIgnored) {
  const careless_parent parent;
  running_spawner spawner;
  const auto end =
      spawner.run(a_script(attempt(1), "grep SigIgn /proc/self/status | tr -s '\\t\\n' ' '"));
  EXPECT_EQ(end.stdout_tail, "SigIgn: 0000000000000000 ");
}

TEST(StartingATask, LeavesItNoDescriptorsButTheThreeAndNoPrivilegesToGain) {
  running_spawner spawner;
  const auto end = spawner.run(a_program(
      attempt(1), {"sh", "-c",
                   "ls /proc/$$/fd; grep -E '^(NoNewPrivs|SigBlk|SigIgn)' /proc/$$/status | "
                   "tr -s '\\t\\n' ' '; cat /proc/$$/oom_score_adj"}));
  EXPECT_EQ(end.stdout_tail,
            "0\n1\n2\nSigBlk: 0000000000000000 SigIgn: 0000000000000000 NoNewPrivs: 1 500\n");
}

TEST(StartingATask, GivesItItsInputHoweverLargeEvenIfItIsNotRead) {
  running_spawner spawner;
  auto copy = a_program(attempt(1), {"sha256sum"});
  copy.stdin_data = "abc";
  EXPECT_EQ(spawner.run(copy).stdout_tail,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n");
  auto count = a_program(attempt(2), {"wc", "-c"});
  count.stdin_data = std::string(20 << 20, '\0');
  EXPECT_EQ(spawner.run(count).stdout_tail, "20971520\n");
  count.argv = {"true"};
  count.id = attempt(3);
  EXPECT_EQ(spawner.run(count).exit_code, 0);
  const auto after = spawner.run(a_program(attempt(4), {"wc", "-c"}));
  EXPECT_EQ(after.stdout_tail, "0\n");
#if !defined(__SANITIZE_ADDRESS__)  // which keeps freed memory for a while
  EXPECT_LT(after.memory_peak, 20U << 20) << "the input of others is not this task's memory";
#endif
}

TEST(StartingATask, MeasuresItsProcessorTimeWithThatOfItsChildren) {
  running_spawner spawner;
  const auto end = spawner.run(
      a_script(attempt(1), "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; true"));
  EXPECT_GT(end.cpu_ms, 10U);
  EXPECT_LT(end.cpu_ms, 60'000U);
}

TEST(StartingATask, TwiceUnderOneAttemptRunsItOnce) {
  running_spawner spawner;
  const scratch_folder folder;
  signpost go(folder.path("go"));
  const auto what =
      a_script(attempt(1), "echo once >> " + folder.path("log") + "; read x < " + go.path());
  spawner.send(what);
  spawner.started(attempt(1));
  spawner.send(what);
  EXPECT_EQ(spawner.run(a_program(attempt(2), {"true"})).exit_code, 0);
  go.release();
  EXPECT_EQ(spawner.ended(attempt(1)).exit_code, 0);
  EXPECT_EQ(content_of(folder.path("log")), "once\n");
}

TEST(StartingATask, AsTheTaskUserTakesAwayEveryRightOfRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can change the user";
  options how;
  how.task_user = credentials{.uid = 65534, .gid = 65533, .groups = {65532}};
  running_spawner spawner(how);
  const auto end = spawner.run(a_script(attempt(1), "id -u; id -g; id -G; exit 0"));
  EXPECT_EQ(end.stdout_tail, "65534\n65533\n65533 65532\n");
}

TEST(Launching, NamesTheSpawnerAndKeepsNoDescriptorsOfTheDaemon) {
  options how;
  how.name = "fabric-sp-test";
  running_spawner spawner(how);
  const std::string folder = "/proc/" + std::to_string(spawner->pid());
  EXPECT_EQ(content_of(folder + "/comm"), "fabric-sp-test\n");
  EXPECT_STREQ(content_of(folder + "/cmdline").c_str(), "fabric-sp-test");
  spawner.run(a_program(attempt(1), {"true"}));
  EXPECT_EQ(open_files_of(spawner->pid()), 7U) << "stdio, socket, epoll, signals, clock";
}

TEST(Launching, FromAProcessWithThreadsIsRefused) {
  std::mutex held;
  held.lock();
  std::thread other([&] { const std::lock_guard wait(held); });
  const auto refused = fabric::spawner::link::launch({});
  held.unlock();
  other.join();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, fault_code::config);
}

TEST(Launching, WithAFolderThatIsNoCgroupIsRefused) {
  const scratch_folder folder;
  options how;
  how.cgroup_parent = folder.path("");
  const auto refused = fabric::spawner::link::launch(how);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, fault_code::config);
}

}  // namespace
}  // namespace fabric::spawner
