#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

#include "actors/daemon/boot.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/state_dir.hpp"

namespace fabric::daemon {

namespace {

struct flags {
  std::string state_dir;
  std::string name;
  std::string timeout = "45s";
  bool now = false;
  bool as_json = false;
};

/// Which instance is meant. Where nothing names one, the only one in the default place.
result<std::string> instance_of(const flags& from) {
  if (!from.state_dir.empty() || !from.name.empty())
    return state_dir_for(from.state_dir, from.name, "");
  const auto home = state_home();
  if (!home) return home.error();
  std::vector<std::string> running;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(*home, ignored))
    if (entry.is_directory() && pid_of_instance(entry.path().string()))
      running.push_back(entry.path().string());
  if (running.size() == 1) return running.front();
  if (running.empty())
    return fault{fault_code::not_found, "no instance runs in " + *home, "name it with --state-dir"};
  std::string list;
  for (const auto& one : running) list += (list.empty() ? "" : ", ") + one;
  return fault{fault_code::usage, "several instances run here: " + list,
               "name one with --state-dir or --name"};
}

/// The daemon's own children: its spawner, which outlives a killed daemon by the moment that it
/// takes to kill every task.
std::vector<int> children_of(int pid) {
  std::vector<int> found;
  std::error_code ignored;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", ignored)) {
    std::ifstream file(thread.path() / "children");
    for (int child = 0; file >> child;) found.push_back(child);
  }
  return found;
}

int open_pid(int pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

/// True once the process is gone.
bool await_end(int pidfd, duration patience) {
  if (pidfd < 0) return true;
  pollfd end{pidfd, POLLIN, 0};
  return poll(&end, 1, static_cast<int>(patience.count() / 1000)) == 1;
}

int stop(const flags& from) {
  auto patience = parse_duration(from.timeout, "--timeout");
  if (!patience) return complain(patience.error());
  auto state_dir = instance_of(from);
  if (!state_dir) return complain(state_dir.error());
  const auto pid = pid_of_instance(*state_dir);
  if (!pid) return complain({fault_code::not_found, "no daemon runs in " + *state_dir, ""});
  const int pidfd = open_pid(*pid);
  std::vector<int> children;
  for (const int child : children_of(*pid)) children.push_back(open_pid(child));
  kill(*pid, from.now ? SIGQUIT : SIGTERM);
  bool gone = await_end(pidfd, *patience);
  const bool killed = !gone;
  if (killed) {
    std::fprintf(stderr, "fabricd: the daemon (pid %d) did not end in time; killing it\n", *pid);
    kill(*pid, SIGKILL);
    gone = await_end(pidfd, std::chrono::seconds{5});
  }
  close(pidfd);
  for (const int child : children) {
    gone = await_end(child, std::chrono::seconds{5}) && gone;
    close(child);
  }
  if (!gone)
    return complain(
        {fault_code::internal, "pid " + std::to_string(*pid) + " or its spawner does not end", ""});
  if (from.as_json)
    print({{"state_dir", *state_dir}, {"pid", *pid}, {"killed", killed}});
  else
    std::printf("stopped %s (pid %d)\n", state_dir->c_str(), *pid);
  return 0;
}

}  // namespace

runner add_stop(CLI::App& app) {
  auto* command = app.add_subcommand("stop", "stop this instance: it drains, then ends");
  auto to = std::make_shared<flags>();
  command->add_option("--state-dir", to->state_dir, "folder of the instance");
  command->add_option("--name", to->name, "name of the instance")->check(instance_name_rule);
  command->add_option("--timeout", to->timeout, "kill it after this long (default 45s)");
  command->add_flag("--now", to->now, "do not drain");
  add_json_flag(*command, to->as_json);
  return [to] { return stop(*to); };
}

}  // namespace fabric::daemon
