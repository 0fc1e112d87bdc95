#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/amount.hpp"

namespace fabric {

/// Readers of the kernel's texts about control groups: text in, value out, no file is touched.
/// Formats: cgroups(7), proc(5), Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst.

/// A limit that may be absent. Faults of its readers: bad_message.
using cgroup_limit = result<std::optional<milli>>;

/// cpu.max of v2: "max 100000" (no limit) or "150000 100000" (1.5 CPUs).
cgroup_limit parse_cpu_max(std::string_view text);

/// cpu.cfs_quota_us and cpu.cfs_period_us of v1: -1 is no limit.
cgroup_limit parse_cfs_quota(std::string_view quota, std::string_view period);

/// memory.max of v2 ("max" or bytes) and memory.limit_in_bytes of v1 (bytes; no limit is a number
/// near 2^63). Bytes beyond `amount_max` count as no limit.
cgroup_limit parse_memory_limit(std::string_view text);

/// MemTotal of /proc/meminfo. Faults: bad_message.
result<milli> parse_mem_total(std::string_view meminfo);

/// Where this process is: path by controller, as in "cpu" -> "/a/b"; v2 has the name "".
using cgroup_paths = std::map<std::string, std::string, std::less<>>;

/// /proc/self/cgroup: lines "7:cpu,cpuacct:/a/b" and "0::/a/b". Other lines are skipped.
cgroup_paths parse_cgroup_paths(std::string_view text);

/// One mounted cgroup hierarchy.
struct cgroup_mount {
  std::string root;                      ///< the folder of the hierarchy that is visible at `point`
  std::string point;                     ///< where it is mounted
  std::vector<std::string> controllers;  ///< v1: its options, controllers among them; v2: {""}

  bool operator==(const cgroup_mount&) const = default;
};

/// The cgroup lines of /proc/self/mountinfo; other lines are skipped.
std::vector<cgroup_mount> parse_cgroup_mounts(std::string_view mountinfo);

/// The folders of the group `path` in the file system, from its own up to the mount point; limits
/// of all of them hold. A path outside of the mount's root (a group that this process cannot see)
/// leaves the mount point alone.
std::vector<std::string> cgroup_folders(const cgroup_mount& mount, std::string_view path);

}  // namespace fabric
