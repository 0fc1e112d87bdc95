#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "actors/spawner/spawner.hpp"
#include "fabric/result.hpp"

namespace fabric::spawner {

/// What to execute, and what the new process has to be.
struct program {
  const std::vector<std::string>& argv;
  const std::vector<std::string>& env;
  const std::string& cwd;  ///< empty: stays in the spawner's, which is /
  int stdin_fd = -1;
  int stdout_fd = -1;
  int stderr_fd = -1;
  std::vector<std::string> cgroup_files;  ///< each gets the process written into it
  const std::optional<credentials>& user;
  rlim_t open_files_max = 0;  ///< soft limit of the task
};

/// Starts it in a session of its own, with default signals, dying with the spawner. Returns when
/// the program runs, so a program that cannot be executed is a fault: not_found, config, too_large
/// or internal; `detail` is for the task's owner.
result<pid_t> start_program(const program& what);

/// Where `name` may be, in the order in which to try: itself when it has a slash, else in each
/// folder of PATH in `env`, or of a standard one.
std::vector<std::string> candidates_of(const std::string& name,
                                       const std::vector<std::string>& env);

}  // namespace fabric::spawner
