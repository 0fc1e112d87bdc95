#include "actors/spawner/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "actors/spawner/process_tree.hpp"
#include "actors/spawner/unique_fd.hpp"

namespace fabric::spawner {

namespace {

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool write_number(const std::string& path, std::uint64_t number) {
  const unique_fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const std::string text = std::to_string(number);
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::uint64_t number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  file >> number;
  return file ? number : 0;
}

/// The number after `key` in a file of "key number" lines.
std::uint64_t number_of(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string name;
  std::uint64_t number = 0;
  while (file >> name >> number)
    if (name == key) return number;
  return 0;
}

fault unusable(const std::string& path, const std::string& why) {
  return {
      fault_code::config, "the cgroup folder " + path + " cannot be used: " + why,
      "delegate a folder of cgroup v2 (or of version 1's memory hierarchy) to the daemon's user, "
      "or name none"};
}

bool apply(const std::string& path, cgroup_kind kind, const cgroup_limits& limits) {
  if (limits.memory_max > 0 && kind == cgroup_kind::v1_memory) {
    if (!write_number(path + "/memory.limit_in_bytes", limits.memory_max)) return false;
    const std::string with_swap = path + "/memory.memsw.limit_in_bytes";
    return !exists(with_swap) || write_number(with_swap, limits.memory_max);
  }
  if (limits.memory_max > 0 && exists(path + "/memory.max")) {
    if (!write_number(path + "/memory.max", limits.memory_max)) return false;
    if (exists(path + "/memory.swap.max") && !write_number(path + "/memory.swap.max", 0))
      return false;
    if (!write_number(path + "/memory.oom.group", 1)) return false;
  }
  if (limits.pids_max > 0 && exists(path + "/pids.max"))
    return write_number(path + "/pids.max", limits.pids_max);
  return true;
}

}  // namespace

result<cgroup_kind> probe_cgroup(const std::string& parent) {
  const std::string trial = parent + "/fabric-probe-" + std::to_string(::getpid());
  if (::mkdir(trial.c_str(), 0755) != 0) return unusable(parent, std::strerror(errno));
  std::optional<cgroup_kind> kind;
  if (exists(trial + "/cgroup.kill"))
    kind = cgroup_kind::v2;
  else if (exists(trial + "/memory.limit_in_bytes"))
    kind = cgroup_kind::v1_memory;
  ::rmdir(trial.c_str());
  if (kind) return *kind;
  return unusable(parent,
                  "neither cgroup v2 (Linux 5.14 or later) nor version 1's memory hierarchy");
}

cgroup_leaf::cgroup_leaf(std::string path, std::string name, cgroup_kind kind)
    : path_(std::move(path)), name_(std::move(name)), kind_(kind) {}

cgroup_leaf::cgroup_leaf(cgroup_leaf&& other) noexcept
    : path_(std::exchange(other.path_, {})), name_(std::move(other.name_)), kind_(other.kind_) {}

cgroup_leaf::~cgroup_leaf() {
  if (!path_.empty()) ::rmdir(path_.c_str());
}

result<cgroup_leaf> cgroup_leaf::make(const std::string& parent, cgroup_kind kind,
                                      const std::string& name, const cgroup_limits& limits) {
  const std::string path = parent + "/" + name;
  if (::mkdir(path.c_str(), 0755) != 0) return unusable(path, std::strerror(errno));
  cgroup_leaf leaf(path, name, kind);
  if (!apply(path, kind, limits))
    return unusable(path, std::string("its limits: ") + std::strerror(errno));
  return leaf;
}

bool cgroup_leaf::empty() const {
  std::ifstream file(procs_file());
  pid_t any = 0;
  return !(file >> any);
}

std::uint64_t cgroup_leaf::out_of_memory_kills() const {
  return kind_ == cgroup_kind::v2 ? number_of(path_ + "/memory.events", "oom_kill")
                                  : number_of(path_ + "/memory.oom_control", "oom_kill");
}

std::uint64_t cgroup_leaf::memory_peak() const {
  return number_in(path_ +
                   (kind_ == cgroup_kind::v2 ? "/memory.peak" : "/memory.max_usage_in_bytes"));
}

void cgroup_leaf::kill_all() const {
  if (kind_ == cgroup_kind::v2 && write_number(path_ + "/cgroup.kill", 1)) return;
  std::vector<pid_t> members;
  std::ifstream file(procs_file());
  for (pid_t pid = 0; file >> pid;) members.push_back(pid);
  kill_trees(members);
}

}  // namespace fabric::spawner
