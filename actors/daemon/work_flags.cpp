#include "actors/daemon/work_flags.hpp"

#include <filesystem>

#include "actors/daemon/boot.hpp"
#include "actors/daemon/duration_text.hpp"

namespace fabric::daemon {

void add_task_flags(CLI::App& command, work_flags& to) {
  command.add_option("--cpus", to.cpus, "CPUs that each task holds (0.001 and more; default 1)");
  command.add_option("--gpus", to.gpus, "GPUs: whole ones, or a share of one (0.5)");
  command.add_option("--memory", to.memory, "memory, as in 512MiB or 1.5GB");
  command.add_option("--resources", to.resources, "custom resources, as in a=1,b=2.5");
  command.add_option("--labels", to.labels, "nodes that qualify, as in zone=home,disk!=slow");
  command.add_option("--env", to.env, "K=V added to the task's environment (repeatable)")
      ->allow_extra_args(false);
  command.add_option("--cwd", to.cwd, "folder to run in (must exist on the node)");
}

void add_work_flags(CLI::App& command, work_flags& to) {
  add_task_flags(command, to);
  command.add_option("--timeout", to.timeout, "time limit of one attempt, as in 10s");
}

result<demand> demand_of(const work_flags& flags) {
  demand needs;
  if (!flags.resources.empty()) {
    auto custom = parse_resources(flags.resources);
    if (!custom) return std::move(custom).error();
    needs.amounts = std::move(*custom);
  }
  auto cpus = parse_amount(flags.cpus, "--cpus");
  if (!cpus) return std::move(cpus).error();
  needs.amounts.set(cpu, *cpus);
  if (!flags.gpus.empty()) {
    auto gpus = parse_amount(flags.gpus, "--gpus");
    if (!gpus) return std::move(gpus).error();
    needs.amounts.set(gpu, *gpus);
  }
  if (!flags.memory.empty()) {
    auto bytes = parse_bytes(flags.memory, "--memory");
    if (!bytes) return std::move(bytes).error();
    needs.amounts.set(memory, *bytes);
  }
  if (!flags.labels.empty()) {
    auto where = parse_label_conditions(flags.labels);
    if (!where) return std::move(where).error();
    needs.where = std::move(*where);
  }
  if (auto fine = check_demand(needs); !fine) return std::move(fine).error();
  return needs;
}

result<duration> time_limit_of(const work_flags& flags) {
  if (flags.timeout.empty()) return duration{0};
  auto limit = parse_duration(flags.timeout, "--timeout");
  if (limit && limit->count() == 0)
    return fault{fault_code::usage, "--timeout 0 would end every task at once",
                 "leave it out for no limit"};
  return limit;
}

result<transport::command_work> work_of(const work_flags& flags, const tail& command,
                                        const std::string& subcommand) {
  if (!command.given || command.words.empty() || command.words.front().empty())
    return fault{fault_code::usage, "there is no command to run",
                 "write it behind --, as in `fabricd " + subcommand + " -- echo hello`"};
  transport::command_work work{.argv = command.words};
  for (const auto& pair : flags.env) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      return fault{fault_code::usage, "--env '" + pair + "' is not of the form K=V",
                   "write it as in --env SEED=1"};
    work.env.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  std::error_code ignored;
  work.cwd = flags.cwd.empty() ? std::filesystem::current_path(ignored).string() : flags.cwd;
  work.cwd_required = !flags.cwd.empty();
  if (work.cwd_required && work.cwd.front() != '/')
    work.cwd = std::filesystem::absolute(work.cwd, ignored).string();
  return work;
}

std::string unique_key() {
  return "auto-" + to_string(node_id{random_number()}) + to_string(node_id{random_number()});
}

}  // namespace fabric::daemon
