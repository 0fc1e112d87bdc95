#pragma once

#include <sys/resource.h>

#include <memory>
#include <optional>
#include <string>

#include "actors/spawner/cgroup.hpp"
#include "actors/spawner/output.hpp"
#include "actors/spawner/spawner.hpp"
#include "fabric/result.hpp"
#include "transport/spawner_message.hpp"

namespace fabric::spawner {

/// What is the same for every task of a spawner.
struct task_setting {
  std::string cgroup_parent;
  std::optional<cgroup_kind> cgroup;  ///< nothing: no cgroups
  std::optional<credentials> user;
  std::uint32_t pids_max = 0;
  rlim_t open_files_max = 0;
};

/// One attempt, from the start of its program until nothing of it is left.
struct task {
  attempt_id id;
  pid_t main = -1;     ///< also the number of its session
  std::string marker;  ///< its FABRIC_ATTEMPT_ID; empty when the environment has none
  output out;
  output err;
  std::optional<cgroup_leaf> leaf;
  duration kill_grace{0};
  instant limit_at = never;  ///< time limit, `never` once it has passed
  instant kill_at = never;   ///< SIGKILL is due, `never` before SIGTERM and after SIGKILL
  transport::spawner::end_reason why = transport::spawner::end_reason::exited;
  bool term_due = false;   ///< SIGTERM goes out with the next round of signals
  bool kill_due = false;   ///< SIGKILL goes out with the next round of signals
  bool main_gone = false;  ///< reaped; the rest is being swept
  int status = 0;          ///< as from wait4, once main_gone
  std::int64_t started_ms = 0;
  std::int64_t ended_ms = 0;
  std::uint64_t cpu_us = 0;  ///< of everything of it that was reaped
  std::uint64_t memory_peak = 0;
};

/// Starts the program. Faults: those of start_program, and config or internal when pipes or the
/// cgroup cannot be made.
result<std::unique_ptr<task>> start_task(const transport::spawner::start& what,
                                         const task_setting& setting, instant now);

/// Adds what a reaped process of the task has used.
void account(task& t, const rusage& used);

/// The last message about it. Closes its output; `scratch` is a buffer to read into.
transport::spawner::process_ended ended(task& t, std::span<char> scratch);

/// About an attempt that has no process.
transport::spawner::process_ended never_began(attempt_id id, transport::spawner::end_reason why,
                                              std::string detail);

}  // namespace fabric::spawner
