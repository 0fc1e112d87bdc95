#include "actors/node/task_launch.hpp"

#include <array>
#include <csignal>
#include <cstring>
#include <string_view>

#include "actors/node/report_door.hpp"
#include "resources/visible_gpus.hpp"
#include "scheduler/job.hpp"
#include "transport/codec.hpp"

extern char** environ;

namespace fabric::actors {

namespace {

constexpr std::array inherited_names = {
    "PATH",       "HOME",        "USER",         "LOGNAME",       "SHELL",
    "LANG",       "LANGUAGE",    "TZ",           "TMPDIR",        "LD_LIBRARY_PATH",
    "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "FABRIC_OBJECTS"};
constexpr std::array inherited_prefixes = {"LC_",  "CUDA_", "NVIDIA_", "ROCR_",
                                           "HIP_", "OMP_",  "MKL_",    "OPENBLAS_"};

std::string replace_index(std::string word, const std::string& index) {
  constexpr std::string_view mark = "{index}";
  for (std::size_t at = word.find(mark); at != std::string::npos;
       at = word.find(mark, at + index.size()))
    word.replace(at, mark.size(), index);
  return word;
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : std::string{"SIG"} + name;
}

std::string base_of(const std::string& state_dir, const char* kind, attempt_id id) {
  return state_dir + "/" + kind + "/" + std::to_string(id.task.job.value) + "/" +
         std::to_string(id.task.index) + "." + std::to_string(id.attempt);
}

}  // namespace

std::map<std::string, std::string> inheritable(
    const std::map<std::string, std::string>& environment) {
  std::map<std::string, std::string> kept;
  for (const auto& [name, value] : environment) {
    bool keep = false;
    for (const char* known : inherited_names) keep = keep || name == known;
    for (const char* prefix : inherited_prefixes) keep = keep || name.starts_with(prefix);
    if (keep) kept[name] = value;
  }
  return kept;
}

std::map<std::string, std::string> own_environment() {
  std::map<std::string, std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  all.erase("FABRIC_TOKEN");
  return all;
}

std::string output_path(const std::string& state_dir, attempt_id id, std::uint8_t stream) {
  return base_of(state_dir, "output", id) + (stream == 2 ? ".err" : ".out");
}

std::string scratch_path(const std::string& state_dir, attempt_id id) {
  return base_of(state_dir, "scratch", id);
}

result<launch> launch_of(const transport::grant& what, const node_facts& node,
                         bool (*folder_exists)(const std::string&)) {
  auto work = transport::decode_command_work(what.payload);
  if (!work) return std::move(work).error();
  if (work->argv.empty()) return fault{fault_code::bad_message, "the task has no command", ""};
  const auto index = std::to_string(what.id.task.index);
  auto env = node.base_env;
  for (const auto& [name, value] : work->env) env[name] = value;
  env["FABRIC_TASK_ID"] = what.is_array ? to_string(what.id.task) : to_string(what.id.task.job);
  env["FABRIC_JOB_ID"] = to_string(what.id.task.job);
  env["FABRIC_ATTEMPT_ID"] = to_string(what.id);  // by which strays are found
  env["FABRIC_ATTEMPT"] = std::to_string(what.id.attempt);
  env["FABRIC_FENCE"] = std::to_string(what.id.attempt);
  env["FABRIC_NODE_ID"] = to_string(node.id);
  env["FABRIC_NODE_NAME"] = node.name;
  env["FABRIC_CPUS"] = to_string(what.needs.amounts[cpu]);
  if (what.is_array) env["FABRIC_ARRAY_INDEX"] = index;
  if (work->is_trial) {
    env["FABRIC_STUDY"] = what.study;
    env["FABRIC_TRIAL_NUMBER"] = std::to_string(work->trial_number);
    if (node.takes_reports) env["FABRIC_REPORT"] = report_path(node.state_dir);
  }
  if (work->is_worker) {
    env["FABRIC_HEAD"] = node.head_endpoint;
    env["FABRIC_PROGRAMS"] = node.state_dir + "/programs";
    if (!node.worker_command.empty()) work->argv = node.worker_command;
    if (work->argv.front() == transport::launcher_mark) {
      if (node.launcher.empty())
        return fault{fault_code::unsupported, "this node has no fabricd to launch a worker with",
                     "start the node with fabricd, or with --worker"};
      work->argv.front() = node.launcher;
    }
  }
  if (auto visible = gpu_environment(what.gpus)) env["CUDA_VISIBLE_DEVICES"] = *visible;

  launch made;
  auto& start = made.start;
  start.id = what.id;
  for (auto& word : work->argv) start.argv.push_back(replace_index(std::move(word), index));
  for (const auto& [name, value] : env) start.env.push_back(name + "=" + value);
  start.cwd = work->cwd;
  if (start.cwd.empty() || (!work->cwd_required && !folder_exists(start.cwd))) {
    start.cwd = scratch_path(node.state_dir, what.id);
    made.uses_scratch = true;
  }
  start.stdin_data = std::move(work->stdin_data);
  start.stdout_path = output_path(node.state_dir, what.id, 1);
  start.stderr_path = output_path(node.state_dir, what.id, 2);
  start.output_bytes_max = node.output_bytes_max;
  start.time_limit = what.time_limit;
  start.kill_grace = node.kill_grace;
  start.memory_max = static_cast<std::uint64_t>(what.needs.amounts[memory].value / 1000);
  return made;
}

transport::task_report report_of(const transport::spawner::process_ended& what,
                                 const node_facts& node) {
  using enum transport::spawner::end_reason;
  transport::task_report report{.exit_code = what.exit_code,
                                .signal = what.signal,
                                .host = node.host,
                                .stdout_tail = what.stdout_tail,
                                .stderr_tail = what.stderr_tail,
                                .stdout_bytes = what.stdout_bytes,
                                .stderr_bytes = what.stderr_bytes,
                                .started_ms = what.started_ms,
                                .ended_ms = what.ended_ms,
                                .cpu_ms = what.cpu_ms,
                                .memory_peak = what.memory_peak};
  const auto say = [&](fault_code code, std::string detail) {
    report.code = name_of(code);
    report.detail = std::move(detail);
  };
  switch (static_cast<transport::spawner::end_reason>(what.why)) {
    case exited:
      if (what.signal != 0)
        say(fault_code::task_signalled, "killed by " + signal_name(what.signal));
      else if (what.exit_code != 0)
        say(fault_code::task_failed, "exit status " + std::to_string(what.exit_code));
      break;
    case not_started: say(fault_code::task_failed, what.detail); break;
    case timed_out: say(fault_code::timed_out, "over its time limit"); break;
    case killed: say(fault_code::cancelled, "stopped on request"); break;
    case fenced:
      say(fault_code::node_lost, "stopped because the head was away past the lease");
      break;
    case oom: say(fault_code::oom_killed, "over its memory limit"); break;
  }
  // What of the output could not be kept, which is no reason for a task to fail.
  const auto why = static_cast<transport::spawner::end_reason>(what.why);
  if (why != not_started && !what.detail.empty())
    report.detail += (report.detail.empty() ? "" : "; ") + what.detail;
  return report;
}

std::uint8_t ending_of(const transport::spawner::process_ended& what) {
  using enum transport::spawner::end_reason;
  using scheduler::ending;
  const auto as_byte = [](ending e) { return static_cast<std::uint8_t>(e); };
  switch (static_cast<transport::spawner::end_reason>(what.why)) {
    case exited:
      if (what.signal != 0) return as_byte(ending::crashed);
      return as_byte(what.exit_code == 0 ? ending::succeeded : ending::failed);
    case not_started: return as_byte(ending::unstartable);
    case timed_out: return as_byte(ending::timed_out);
    case killed: return as_byte(ending::cancelled);
    case fenced: return as_byte(ending::lost);
    case oom: return as_byte(ending::crashed);
  }
  return as_byte(ending::failed);
}

}  // namespace fabric::actors
