#include "actors/spawner/cgroup.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "tests/spawner/support.hpp"

namespace fabric::spawner {
namespace {

using namespace testing;
using ::testing::IsEmpty;

/// A folder below the root of a hierarchy, where this machine and user can have one.
class own_cgroup {
 public:
  explicit own_cgroup(const std::vector<std::string>& hierarchies, cgroup_kind kind) {
    for (const auto& root : hierarchies) {
      path_ = root + "/fabric-test-" + std::to_string(::getpid());
      if (::mkdir(path_.c_str(), 0755) != 0) continue;
      if (const auto found = probe_cgroup(path_); found && *found == kind) return;
      ::rmdir(path_.c_str());
    }
    path_.clear();
  }
  ~own_cgroup() {
    if (!path_.empty()) ::rmdir(path_.c_str());
  }
  own_cgroup(const own_cgroup&) = delete;
  own_cgroup& operator=(const own_cgroup&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool has(const std::string& file) const {
    return std::filesystem::exists(path_ + "/" + file);
  }
  [[nodiscard]] std::size_t leaves() const {
    std::size_t count = 0;
    for (const auto& item : std::filesystem::directory_iterator(path_))
      if (item.is_directory()) ++count;
    return count;
  }

 private:
  std::string path_;
};

const std::vector<std::string> v2_roots{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
const std::vector<std::string> v1_roots{"/sys/fs/cgroup/memory"};

std::string eats(const std::string& mebibytes) {
  return "head -c " + mebibytes + "M /dev/zero | tail -c " + mebibytes + "M | wc -c";
}

void expect_memory_limit(const own_cgroup& group) {
  options how;
  how.cgroup_parent = group.path();
  running_spawner spawner(how);
  auto greedy = a_program(attempt(1), {"dd", "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"});
  greedy.memory_max = 64 << 20;
  const auto end = spawner.run(greedy);
  EXPECT_EQ(why(end), end_reason::oom);
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_GE(end.memory_peak, std::uint64_t{60} << 20);
  auto modest = a_script(attempt(2), eats("10"));
  modest.memory_max = 64 << 20;
  const auto fine = spawner.run(modest);
  EXPECT_EQ(why(fine), end_reason::exited);
  EXPECT_EQ(fine.stdout_tail, "10485760\n");
  EXPECT_EQ(group.leaves(), 0U) << "each task's cgroup goes with it";
}

TEST(CgroupVersion2, KillsWhatATaskLeavesHoweverItHides) {
  const own_cgroup group(v2_roots, cgroup_kind::v2);
  if (group.path().empty()) GTEST_SKIP() << "no cgroup v2 that this user may use";
  options how;
  how.cgroup_parent = group.path();
  running_spawner spawner(how);
  const scratch_folder folder;
  signpost up(folder.path("up"));
  signpost one(folder.path("one"));
  signpost two(folder.path("two"));
  spawner.send(a_script(attempt(1), "env -i setsid -f sh -c 'echo up > " + up.path() +
                                        "; exec sleep 43212.5'; read x < " + one.path()));
  ASSERT_TRUE(up.passed());
  spawner.send(a_script(attempt(2), "echo up > " + up.path() + "; read x < " + two.path()));
  ASSERT_TRUE(up.passed());
  EXPECT_EQ(group.leaves(), 2U);
  one.release();
  spawner.ended(attempt(1));
  EXPECT_THAT(processes_with("43212.5"), IsEmpty()) << "though another task is running";
  two.release();
  EXPECT_EQ(why(spawner.ended(attempt(2))), end_reason::exited);
  EXPECT_EQ(group.leaves(), 0U);
}

TEST(CgroupVersion2, LimitsMemory) {
  const own_cgroup group(v2_roots, cgroup_kind::v2);
  if (group.path().empty() || !group.has("memory.max"))
    GTEST_SKIP() << "no cgroup v2 with a memory controller that this user may use";
  expect_memory_limit(group);
}

TEST(CgroupVersion1, LimitsMemory) {
  const own_cgroup group(v1_roots, cgroup_kind::v1_memory);
  if (group.path().empty())
    GTEST_SKIP() << "no memory hierarchy of version 1 that this user may use";
  expect_memory_limit(group);
}

}  // namespace
}  // namespace fabric::spawner
