#include "resources/cgroup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabric {
namespace {

using testing::ElementsAre;

TEST(CpuMax, IsAQuotaPerPeriodOrNone) {
  EXPECT_EQ(**parse_cpu_max("150000 100000\n"), milli{1500});
  EXPECT_EQ(**parse_cpu_max("50000 100000\n"), milli{500});
  EXPECT_EQ(**parse_cpu_max("100000 300000"), milli{333});
  EXPECT_EQ(*parse_cpu_max("max 100000\n"), std::nullopt);
}

TEST(CpuMax, ThatIsMalformedIsAFault) {
  for (const auto text : {"", "max", "100000", "a b", "-1 100000", "100000 0", "1 2 3", "0 100000",
                          "99999999999999999999 1", "9223372036854775807 1"}) {
    const auto limit = parse_cpu_max(text);
    ASSERT_FALSE(limit) << text;
    EXPECT_EQ(limit.error().code, fault_code::bad_message);
  }
}

TEST(CfsQuota, OfMinusOneIsNoLimit) {
  EXPECT_EQ(*parse_cfs_quota("-1\n", "100000\n"), std::nullopt);
  EXPECT_EQ(**parse_cfs_quota("250000\n", "100000\n"), milli{2500});
  EXPECT_FALSE(parse_cfs_quota("", "100000"));
  EXPECT_FALSE(parse_cfs_quota("-2", "100000"));
  EXPECT_FALSE(parse_cfs_quota("100000", "0"));
  EXPECT_FALSE(parse_cfs_quota("100000", ""));
}

TEST(MemoryLimit, IsBytesOrNone) {
  EXPECT_EQ(**parse_memory_limit("1073741824\n"), units(1 << 30));
  EXPECT_EQ(*parse_memory_limit("max\n"), std::nullopt);
  EXPECT_EQ(*parse_memory_limit("9223372036854771712\n"), std::nullopt);
  EXPECT_EQ(**parse_memory_limit("0"), units(0));
  for (const auto text : {"", "many", "-5", "1G", "9223372036854775808"})
    EXPECT_FALSE(parse_memory_limit(text)) << text;
}

TEST(MemTotal, IsReadInKibibytes) {
  EXPECT_EQ(*parse_mem_total("MemTotal:       24684096 kB\nMemFree:  1 kB\n"),
            units(24684096LL * 1024));
  for (const auto text : {"", "MemFree: 1 kB\n", "MemTotal: x kB\n", "MemTotal: 5\n",
                          "MemTotal: -5 kB\n", "MemTotal: 9223372036854775807 kB\n"})
    EXPECT_FALSE(parse_mem_total(text)) << text;
}

TEST(CgroupPaths, AreByControllerInBothVersions) {
  const auto paths = parse_cgroup_paths(
      "9:name=systemd:/\n4:memory:/a/b\n1:cpu,cpuacct:/c\n0::/d "
      "e:f\nnonsense\n7:x\n3:y:relative\n");
  EXPECT_EQ(paths, (cgroup_paths{{"name=systemd", "/"},
                                 {"memory", "/a/b"},
                                 {"cpu", "/c"},
                                 {"cpuacct", "/c"},
                                 {"", "/d e:f"}}));
}

TEST(CgroupMounts, AreFoundAmongAllMounts) {
  const auto mounts = parse_cgroup_mounts(
      "22 1 0:21 / /proc rw - proc proc rw\n"
      "30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:9 master:1 - cgroup2 cgroup2 rw,nsdelegate\n"
      "33 31 0:30 /docker/ab /sys/fs/cgroup/cpu\\040acct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "garbage\n - cgroup2\n1 2 3 4 5 - cgroup2 x\n");
  EXPECT_THAT(
      mounts,
      ElementsAre(cgroup_mount{"/", "/sys/fs/cgroup", {""}},
                  cgroup_mount{"/docker/ab", "/sys/fs/cgroup/cpu acct", {"rw", "cpu", "cpuacct"}}));
}

TEST(CgroupMounts, LieNowhereThatClimbs) {
  EXPECT_THAT(parse_cgroup_mounts("30 25 0:26 / /sys/fs/.. rw - cgroup2 cgroup2 rw\n"),
              testing::IsEmpty());
}

TEST(CgroupFolders, GoFromTheGroupUpToTheMount) {
  EXPECT_THAT(cgroup_folders({"/", "/m", {}}, "/a/b"), ElementsAre("/m/a/b", "/m/a", "/m"));
  EXPECT_THAT(cgroup_folders({"/", "/m", {}}, "/"), ElementsAre("/m"));
}

TEST(CgroupFolders, AreSeenFromTheRootOfTheMount) {
  EXPECT_THAT(cgroup_folders({"/docker/ab", "/m", {}}, "/docker/ab/x"), ElementsAre("/m/x", "/m"));
  EXPECT_THAT(cgroup_folders({"/docker/ab", "/m", {}}, "/docker/ab"), ElementsAre("/m"));
  EXPECT_THAT(cgroup_folders({"/docker/ab", "/m", {}}, "/docker/abc/x"), ElementsAre("/m"));
  EXPECT_THAT(cgroup_folders({"/docker/ab", "/m", {}}, "/"), ElementsAre("/m"));
}

TEST(CgroupFolders, NeverLeaveTheMount) {
  EXPECT_THAT(cgroup_folders({"/", "/m", {}}, "/../../etc"), ElementsAre("/m"));
}

}  // namespace
}  // namespace fabric
