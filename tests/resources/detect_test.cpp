#include "resources/detect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace fabric {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

/// A root folder with the files that a test states, removed with it.
class Detect : public testing::Test {
 protected:
  Detect() {
    std::string name = (fs::temp_directory_path() / "fabric-detect-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    from.root = name;
    from.usable_cpus = 8;
    from.nvml_library = "libfabric-has-no-such-library.so.1";
  }
  ~Detect() override { fs::remove_all(from.root); }

  void has_file(const std::string& path, const std::string& text) {
    fs::create_directories((from.root / path).parent_path());
    std::ofstream(from.root / path) << text;
  }
  void has_memory() { has_file("proc/meminfo", "MemTotal:   8388608 kB\nMemFree: 1 kB\n"); }
  void is_in_v2_group() {
    has_file("proc/self/cgroup", "0::/a/b\n");
    has_file("proc/self/mountinfo", "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  }

  machine from;
};

TEST_F(Detect, OffersTheWholeMachineWithoutLimits) {
  has_memory();
  const auto found = detect(from);
  EXPECT_EQ(to_string(found.has.amounts), "cpu=8, memory=8GiB");
  EXPECT_THAT(found.notes, IsEmpty());
  EXPECT_TRUE(check_capacity(found.has));
}

TEST_F(Detect, KeepsTheLimitsOfAllGroupsAboveInVersion2) {
  has_memory();
  is_in_v2_group();
  has_file("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  has_file("sys/fs/cgroup/a/cpu.max", "250000 100000\n");
  has_file("sys/fs/cgroup/a/b/memory.max", "1073741824\n");
  has_file("sys/fs/cgroup/a/memory.max", "2147483648\n");
  const auto found = detect(from);
  EXPECT_EQ(to_string(found.has.amounts), "cpu=2.5, memory=1GiB");
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("2.5 of 8 CPUs"), HasSubstr("1GiB of 8GiB")));
}

TEST_F(Detect, KeepsTheLimitsOfVersion1) {
  has_memory();
  has_file("proc/self/cgroup", "4:memory:/docker/ab\n1:cpu,cpuacct:/docker/ab\n");
  has_file("proc/self/mountinfo",
           "1 2 0:3 /docker/ab /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
           "4 2 0:4 /docker/ab /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  has_file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "400000\n");
  has_file("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  has_file("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");
  EXPECT_EQ(to_string(detect(from).has.amounts), "cpu=4, memory=512MiB");
}

TEST_F(Detect, IgnoresLimitsAboveTheMachine) {
  has_memory();
  is_in_v2_group();
  has_file("sys/fs/cgroup/cpu.max", "6400000 100000\n");
  has_file("sys/fs/cgroup/memory.max", "1099511627776\n");
  const auto found = detect(from);
  EXPECT_EQ(to_string(found.has.amounts), "cpu=8, memory=8GiB");
  EXPECT_THAT(found.notes, IsEmpty());
}

TEST_F(Detect, OffersAtLeastOneCpu) {
  has_memory();
  is_in_v2_group();
  has_file("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
  const auto found = detect(from);
  EXPECT_EQ(found.has.amounts[cpu], units(1));
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("0.5 of 8 CPUs; 1 offered")));
}

TEST_F(Detect, NotesWhatItCannotUnderstand) {
  is_in_v2_group();
  has_file("sys/fs/cgroup/a/b/cpu.max", "many\n");
  from.usable_cpus = 0;
  const auto found = detect(from);
  EXPECT_EQ(to_string(found.has.amounts), "cpu=1");
  EXPECT_THAT(found.notes,
              ElementsAre(HasSubstr("cpu.max has unexpected content"),
                          HasSubstr("number of CPUs is unknown"), HasSubstr("memory is unknown")));
}

TEST_F(Detect, OffersTheGpusOfTheDriver) {
  has_memory();
  from.nvml_library = NVML_TWO_GPUS;
  const auto found = detect(from);
  EXPECT_EQ(found.has.amounts[gpu], units(2));
  EXPECT_THAT(found.has.gpu_ids, ElementsAre("0", "1"));
  EXPECT_EQ(found.has.labels.at("gpu_model"), "h200");
  EXPECT_EQ(found.has.labels.at("gpu_memory_gib"), "140");
  EXPECT_TRUE(check_capacity(found.has));
}

TEST_F(Detect, OffersOnlyTheGpusThatTheEnvironmentLists) {
  has_memory();
  from.nvml_library = NVML_TWO_GPUS;
  from.cuda_visible_devices = "1";
  const auto found = detect(from);
  EXPECT_EQ(found.has.amounts[gpu], units(1));
  EXPECT_THAT(found.has.gpu_ids, ElementsAre("1"));
}

TEST_F(Detect, ReadsTheBootId) {
  has_file("proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
  EXPECT_EQ(*boot_id(from.root), "11111111-2222-3333-4444-555555555555");
}

TEST_F(Detect, FaultsWithoutABootId) {
  EXPECT_FALSE(boot_id(from.root));
  has_file("proc/sys/kernel/random/boot_id", "\n");
  EXPECT_FALSE(boot_id(from.root));
}

TEST(ThisMachine, CanRunSomething) {
  const auto found = detect(this_machine());
  EXPECT_GE(found.has.amounts[cpu], units(1));
  EXPECT_GT(found.has.amounts[memory], units(1 << 20));
  EXPECT_TRUE(check_capacity(found.has));
  EXPECT_EQ(boot_id()->size(), 36U);
  EXPECT_NE(host_name(), "");
}

}  // namespace
}  // namespace fabric
