#include "actors/daemon/task_cgroup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/spawner/cgroup.hpp"

namespace fabric::daemon {

namespace {

/// Folders of the group that this process is in, best hierarchy first.
std::vector<std::string> own_groups() {
  std::string v2;
  std::string v1_memory;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const auto path = line.substr(second + 1);
    if (controllers.empty()) v2 = "/sys/fs/cgroup" + path;
    if (controllers == "memory") v1_memory = "/sys/fs/cgroup/memory" + path;
  }
  std::vector<std::string> found;
  std::ifstream enabled(v2 + "/cgroup.subtree_control");
  for (std::string word; enabled >> word;)
    if (word == "memory") found.push_back(v2);
  if (!v1_memory.empty()) found.push_back(v1_memory);
  return found;
}

}  // namespace

std::optional<task_cgroup> task_cgroup::make() {
  for (const auto& parent : own_groups()) {
    const auto path = parent + "/fabric-" + std::to_string(getpid());
    if (mkdir(path.c_str(), 0755) != 0) continue;
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
