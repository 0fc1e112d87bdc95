#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Who descends from whom, as /proc tells. A look takes about 10 us for each process of the
/// machine, so it is taken only when something has to be signalled.
namespace fabric::spawner {

struct process_entry {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t session = 0;
  char state = '?';        ///< as in proc(5): T is stopped, Z a zombie
  std::uint64_t born = 0;  ///< clock ticks since boot; tells a reused pid from the old process
};

std::optional<process_entry> look_at(pid_t pid);

/// Every process there is.
std::vector<process_entry> all_processes();

/// The processes in `roots` and all that descend from them. Roots that are gone are left out.
std::vector<process_entry> with_descendants(const std::vector<process_entry>& all,
                                            const std::vector<pid_t>& roots);

/// Signals exactly this process: a process that got the same pid since is left alone.
void signal_one(const process_entry& target, int signal);

/// SIGKILL to the roots and everything below them. They are stopped first, until none is left that
/// could fork, so that no child escapes between the look and the kill.
void kill_trees(const std::vector<pid_t>& roots);

/// The direct children of the calling process, zombies too. Complete: a child only leaves the list
/// by being reaped.
std::vector<pid_t> own_children();

/// The value of FABRIC_ATTEMPT_ID in the environment that the process began with.
std::optional<std::string> attempt_marker(pid_t pid);

/// The text of /proc/PID/cgroup; empty when the process is gone.
std::string cgroups_of(pid_t pid);

}  // namespace fabric::spawner
