#include "actors/daemon/task_cgroup.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

/// What is written to a group's files, on ordinary files: not every machine has each hierarchy.
namespace fabric::daemon {
namespace {

class a_group {
 public:
  a_group() {
    std::string pattern = "/tmp/fabric-group-XXXXXX";
    root_ = mkdtemp(pattern.data());
    write("cgroup.controllers", "cpu memory pids");
    write("cgroup.subtree_control", "");
    write("cgroup.procs", "42\n");
    // The kernel makes a new group's files; an ordinary file system does not.
    std::filesystem::create_directory(root_ + "/daemon");
    write("daemon/cgroup.procs", "");
  }
  ~a_group() { std::filesystem::remove_all(root_); }
  a_group(const a_group&) = delete;
  a_group& operator=(const a_group&) = delete;

  void write(const std::string& file, const std::string& text) const {
    std::ofstream(root_ + "/" + file) << text;
  }
  [[nodiscard]] std::string text_of(const std::string& file) const {
    std::ifstream in(root_ + "/" + file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] const std::string& path() const { return root_; }

 private:
  std::string root_;
};

pid_t a_process_that_is_gone() {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  waitpid(pid, nullptr, 0);
  return pid;
}

TEST(TaskCgroup, ADaemonThatIsAloneInItsGroupMovesBelowAndHandsMemoryOut) {
  const a_group group;
  EXPECT_TRUE(hand_out_memory(group.path(), 42));
  EXPECT_EQ(group.text_of("daemon/cgroup.procs"), "42");
  EXPECT_EQ(group.text_of("cgroup.subtree_control").substr(0, 5), "+pids");
}

TEST(TaskCgroup, AGroupWithOthersInItIsLeftAsItIs) {
  const a_group group;
  group.write("cgroup.procs", "41\n42\n");
  EXPECT_FALSE(hand_out_memory(group.path(), 42));
  EXPECT_EQ(group.text_of("daemon/cgroup.procs"), "");
  EXPECT_EQ(group.text_of("cgroup.subtree_control"), "");
}

TEST(TaskCgroup, AGroupWithoutTheMemoryControllerIsLeftAsItIs) {
  const a_group group;
  group.write("cgroup.controllers", "cpu pids");
  EXPECT_FALSE(hand_out_memory(group.path(), 42));
  EXPECT_EQ(group.text_of("daemon/cgroup.procs"), "");
}

TEST(TaskCgroup, AGroupThatHandsMemoryOutAlreadyServes) {
  const a_group group;
  group.write("cgroup.subtree_control", "memory pids");
  group.write("cgroup.procs", "");
  EXPECT_TRUE(hand_out_memory(group.path(), 42));
  EXPECT_EQ(group.text_of("daemon/cgroup.procs"), "");
}

TEST(TaskCgroup, AZombiesGroupIsALeftoverToo) {
  const a_group group;
  const pid_t zombie = fork();
  if (zombie == 0) _exit(0);
  siginfo_t ended{};
  waitid(P_PID, static_cast<id_t>(zombie), &ended, WEXITED | WNOWAIT);
  const auto left = group.path() + "/fabric-" + std::to_string(zombie);
  std::filesystem::create_directories(left);
  remove_leftovers(group.path());
  EXPECT_FALSE(std::filesystem::exists(left));
  waitpid(zombie, nullptr, 0);
}

TEST(TaskCgroup, GroupsOfDeadDaemonsAreRemovedAndNoOthers) {
  const a_group group;
  const auto dead = group.path() + "/fabric-" + std::to_string(a_process_that_is_gone());
  const auto living = group.path() + "/fabric-" + std::to_string(getpid());
  const auto other = group.path() + "/fabric-x1";
  for (const auto& folder : {dead + "/17.0", living, other})
    std::filesystem::create_directories(folder);
  remove_leftovers(group.path());
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(living));
  EXPECT_TRUE(std::filesystem::exists(other));
}

}  // namespace
}  // namespace fabric::daemon
