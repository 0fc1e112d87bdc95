#include "actors/daemon/task_cgroup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/spawner/cgroup.hpp"
#include "actors/spawner/process_tree.hpp"
#include "actors/spawner/unique_fd.hpp"

namespace fabric::daemon {

namespace {

constexpr std::string_view group_prefix = "fabric-";

std::vector<std::string> words_in(const std::string& path) {
  std::ifstream file(path);
  return {std::istream_iterator<std::string>(file), {}};
}

bool has_word(const std::string& path, std::string_view word) {
  for (const auto& one : words_in(path))
    if (one == word) return true;
  return false;
}

bool write_to(const std::string& path, std::string_view text) {
  const spawner::unique_fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// Folders of the group that this process is in.
struct own_groups {
  std::string v2;
  std::string v1_memory;
};

own_groups find_own_groups() {
  own_groups found;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const auto path = line.substr(second + 1);
    if (controllers.empty()) found.v2 = "/sys/fs/cgroup" + path;
    if (controllers == "memory") found.v1_memory = "/sys/fs/cgroup/memory" + path;
  }
  return found;
}

/// The process that a group of ours is named after; nothing for other names.
std::optional<pid_t> owner_of(std::string_view name) {
  if (!name.starts_with(group_prefix)) return std::nullopt;
  name.remove_prefix(group_prefix.size());
  pid_t pid = 0;
  const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc{} || rest != name.data() + name.size() || pid <= 0) return std::nullopt;
  return pid;
}

bool is_alive(pid_t pid) {
  if (const auto seen = spawner::look_at(pid)) return seen->state != 'Z';
  // /proc may hide the processes of others.
  return ::kill(pid, 0) == 0 || errno != ESRCH;
}

}  // namespace

bool hand_out_memory(const std::string& group, pid_t self) {
  if (has_word(group + "/cgroup.subtree_control", "memory")) return true;
  if (!has_word(group + "/cgroup.controllers", "memory")) return false;
  const std::string me = std::to_string(self);
  if (words_in(group + "/cgroup.procs") != std::vector{me}) return false;
  const std::string below = group + "/daemon";
  if (::mkdir(below.c_str(), 0755) != 0 && errno != EEXIST) return false;
  if (!write_to(below + "/cgroup.procs", me)) return false;
  if (write_to(group + "/cgroup.subtree_control", "+memory")) {
    write_to(group + "/cgroup.subtree_control", "+pids");
    return true;
  }
  write_to(group + "/cgroup.procs", me);
  ::rmdir(below.c_str());
  return false;
}

void remove_leftovers(const std::string& parent) {
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator(parent, unreadable)) {
    const auto pid = owner_of(entry.path().filename().string());
    if (!pid || is_alive(*pid)) continue;
    std::error_code gone;
    for (const auto& leaf : std::filesystem::directory_iterator(entry.path(), gone))
      if (leaf.is_directory()) ::rmdir(leaf.path().c_str());
    ::rmdir(entry.path().c_str());
  }
}

std::optional<task_cgroup> task_cgroup::make() {
  const auto own = find_own_groups();
  std::vector<std::string> parents;
  if (!own.v2.empty() && hand_out_memory(own.v2, getpid())) parents.push_back(own.v2);
  if (!own.v1_memory.empty()) parents.push_back(own.v1_memory);
  for (const auto& parent : parents) {
    remove_leftovers(parent);
    const auto path = parent + "/" + std::string(group_prefix) + std::to_string(getpid());
    // One that is there is of an earlier daemon with our number: it is empty, so it serves.
    if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) continue;
    task_cgroup made{path};
    if (spawner::probe_cgroup(path)) return made;
  }
  return std::nullopt;
}

task_cgroup::task_cgroup(task_cgroup&& other) noexcept : path_(std::exchange(other.path_, "")) {}

task_cgroup::~task_cgroup() {
  if (!path_.empty()) rmdir(path_.c_str());
}

}  // namespace fabric::daemon
