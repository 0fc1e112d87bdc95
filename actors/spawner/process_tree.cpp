#include "actors/spawner/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "actors/spawner/unique_fd.hpp"

namespace fabric::spawner {

namespace {

/// Enough for any tree that forks slower than it is looked at; a faster one is met again at the
/// next try of the caller.
constexpr int stop_passes_max = 8;

std::string proc_path(pid_t pid, std::string_view name) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(name);
}

std::string content_of(const std::string& path) {
  const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> some;
  while (file) {
    const ssize_t n = ::read(file.get(), some.data(), some.size());
    if (n <= 0) break;
    text.append(some.data(), static_cast<std::size_t>(n));
  }
  return text;
}

bool is_still(char state) { return state == 'T' || state == 't' || state == 'Z' || state == 'X'; }

std::vector<pid_t> numbers_in(std::string_view text) {
  std::vector<pid_t> found;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at < end) {
    pid_t pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error == std::errc{}) found.push_back(pid);
    at = next == at ? at + 1 : next;
  }
  return found;
}

std::optional<process_entry> parse_stat(pid_t pid, const char* text) {
  // The name may hold anything, also ')', so the fields are counted from the last one.
  const char* close = std::strrchr(text, ')');
  if (close == nullptr) return {};
  process_entry entry{.pid = pid};
  int group = 0;
  unsigned long long born = 0;
  const int got = std::sscanf(close + 1,
                              " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d"
                              " %*d %*d %llu",
                              &entry.state, &entry.parent, &group, &entry.session, &born);
  if (got != 5) return {};
  entry.born = born;
  return entry;
}

}  // namespace

std::optional<process_entry> look_at(pid_t pid) {
  const unique_fd file(::open(proc_path(pid, "stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::array<char, 1024> text;
  const ssize_t n = ::read(file.get(), text.data(), text.size() - 1);
  if (n <= 0) return {};
  text[static_cast<std::size_t>(n)] = '\0';
  return parse_stat(pid, text.data());
}

std::vector<process_entry> all_processes() {
  std::vector<process_entry> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  if (!folder) return all;
  while (const dirent* item = ::readdir(folder.get())) {
    pid_t pid = 0;
    const std::string_view name = item->d_name;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || end != name.data() + name.size()) continue;
    if (const auto entry = look_at(pid)) all.push_back(*entry);
  }
  return all;
}

std::vector<process_entry> with_descendants(const std::vector<process_entry>& all,
                                            const std::vector<pid_t>& roots) {
  std::unordered_map<pid_t, std::vector<const process_entry*>> children;
  std::unordered_map<pid_t, const process_entry*> by_pid;
  for (const auto& entry : all) {
    children[entry.parent].push_back(&entry);
    by_pid[entry.pid] = &entry;
  }
  std::vector<process_entry> found;
  std::unordered_set<pid_t> seen;
  std::vector<pid_t> open = roots;
  while (!open.empty()) {
    const pid_t pid = open.back();
    open.pop_back();
    if (!seen.insert(pid).second) continue;
    if (const auto it = by_pid.find(pid); it != by_pid.end()) found.push_back(*it->second);
    for (const auto* child : children[pid]) open.push_back(child->pid);
  }
  return found;
}

void signal_one(const process_entry& target, int signal) {
  const unique_fd handle(static_cast<int>(::syscall(SYS_pidfd_open, target.pid, 0)));
  if (!handle) return;
  // The handle holds whoever has the pid now; only then can its birth be compared.
  const auto now = look_at(target.pid);
  if (!now || now->born != target.born) return;
  ::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0);
}

void kill_trees(const std::vector<pid_t>& roots) {
  if (roots.empty()) return;
  std::vector<process_entry> members;
  for (int pass = 0; pass < stop_passes_max; ++pass) {
    members = with_descendants(all_processes(), roots);
    bool all_still = true;
    for (const auto& member : members) {
      if (is_still(member.state)) continue;
      signal_one(member, SIGSTOP);
      all_still = false;
    }
    if (all_still) break;
  }
  for (const auto& member : members) signal_one(member, SIGKILL);
}

std::vector<pid_t> own_children() {
  const std::string self = std::to_string(::getpid());
  const std::string path = "/proc/" + self + "/task/" + self + "/children";
  if (::access(path.c_str(), R_OK) == 0) return numbers_in(content_of(path));
  // A kernel without CONFIG_PROC_CHILDREN.
  std::vector<pid_t> found;
  for (const auto& entry : all_processes())
    if (entry.parent == ::getpid()) found.push_back(entry.pid);
  return found;
}

std::optional<std::string> attempt_marker(pid_t pid) {
  constexpr std::string_view name = "FABRIC_ATTEMPT_ID=";
  const std::string environment = content_of(proc_path(pid, "environ"));
  std::string_view rest = environment;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    if (entry.starts_with(name)) return std::string(entry.substr(name.size()));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
  }
  return {};
}

std::string cgroups_of(pid_t pid) { return content_of(proc_path(pid, "cgroup")); }

}  // namespace fabric::spawner
