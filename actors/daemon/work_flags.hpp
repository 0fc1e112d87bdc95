#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "actors/daemon/command.hpp"
#include "fabric/demand.hpp"
#include "fabric/result.hpp"
#include "transport/message.hpp"
#include "transport/work.hpp"

namespace fabric::daemon {

/// What run, submit and tune say alike about a task: its resources, limits and surroundings.
struct work_flags {
  std::string cpus = "1";
  std::string gpus;
  std::string memory;
  std::string resources;
  std::string labels;
  std::string timeout;
  std::vector<std::string> env;
  std::string cwd;
};

void add_work_flags(CLI::App& command, work_flags& to);

/// Faults: usage.
result<demand> demand_of(const work_flags& flags);
result<duration> time_limit_of(const work_flags& flags);

/// The command with its environment and folder; the submitter's own folder where none is given. Faults:
/// usage (no command).
result<transport::command_work> work_of(const work_flags& flags, const tail& command,
                                        const std::string& subcommand);

/// A key that nobody else uses, for submissions without one of their own.
std::string unique_key();

}  // namespace fabric::daemon
