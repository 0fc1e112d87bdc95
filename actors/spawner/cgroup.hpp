#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fabric/result.hpp"

namespace fabric::spawner {

/// What a delegated folder can do for us.
enum class cgroup_kind : std::uint8_t {
  v2,  ///< kills a whole leaf at once; limits memory and processes where those controllers are on
  v1_memory,  ///< a folder of version 1's memory hierarchy: limits memory
};

/// Tries the folder by making and removing a leaf in it. Faults: config.
result<cgroup_kind> probe_cgroup(const std::string& parent);

struct cgroup_limits {
  std::uint64_t memory_max = 0;  ///< bytes, 0 is none
  std::uint32_t pids_max = 0;    ///< 0 is none
};

/// One task's own cgroup. Removed with the object.
class cgroup_leaf {
 public:
  /// Limits that the kind or its controllers do not know are left out: `limits_memory` of the
  /// folder is what the daemon's `doctor` reports. Faults: config.
  static result<cgroup_leaf> make(const std::string& parent, cgroup_kind kind,
                                  const std::string& name, const cgroup_limits& limits);
  ~cgroup_leaf();
  cgroup_leaf(cgroup_leaf&& other) noexcept;
  cgroup_leaf& operator=(cgroup_leaf&&) = delete;
  cgroup_leaf(const cgroup_leaf&) = delete;
  cgroup_leaf& operator=(const cgroup_leaf&) = delete;

  [[nodiscard]] std::string procs_file() const { return path_ + "/cgroup.procs"; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::uint64_t out_of_memory_kills() const;
  [[nodiscard]] std::uint64_t memory_peak() const;  ///< bytes, 0 when not known

  /// SIGKILL to everything in it. Version 1 has no such switch and does it one by one.
  void kill_all() const;

 private:
  cgroup_leaf(std::string path, std::string name, cgroup_kind kind);
  std::string path_;
  std::string name_;
  cgroup_kind kind_;
};

}  // namespace fabric::spawner
