#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fabric/result.hpp"
#include "transport/describe.hpp"

/// The opaque bytes that travel through the scheduler: what a job runs, and what an attempt
/// reports.
namespace fabric::transport {

/// Stands in a worker's argv for the node's own `fabricd`.
inline constexpr std::string_view launcher_mark = "{fabricd}";

/// A command task. `{index}` in argv is replaced by the task's index on the node.
struct command_work {
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> env;  ///< added to the node's clean environment
  std::string cwd;            ///< empty: the attempt's own scratch folder
  bool cwd_required = false;  ///< false: the scratch folder where the node lacks `cwd`
  std::string stdin_data;
  std::uint64_t trial_number = 0;  ///< with `study`: $FABRIC_TRIAL_NUMBER
  bool is_trial = false;
  /// A program's worker process: it is told where the head is, and argv begins with the launcher of
  /// the node (`launcher_mark`) or is replaced by the command that the node was given for it.
  bool is_worker = false;

  bool operator==(const command_work&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.argv);
    field(2, m.env);
    field(3, m.cwd);
    field(4, m.stdin_data);
    field(5, m.trial_number);
    field(6, m.is_trial);
    field(7, m.cwd_required);
    field(8, m.is_worker);
  }
};

/// What an attempt left behind.
struct task_report {
  std::int32_t exit_code = 0;  ///< of the process; -1 where it died by a signal or never began
  std::int32_t signal = 0;
  std::string code;                ///< name_of(fault_code), empty for success
  std::string detail;              ///< one line: "exit status 3", "killed by SIGSEGV"
  std::string host;                ///< the node's host name
  std::string stdout_tail;         ///< last 256 KiB at most
  std::string stderr_tail;         ///< last 16 KiB at most
  std::uint64_t stdout_bytes = 0;  ///< written in all
  std::uint64_t stderr_bytes = 0;
  std::int64_t started_ms = 0;  ///< wall clock of the node, milliseconds since 1970
  std::int64_t ended_ms = 0;
  std::uint64_t cpu_ms = 0;
  std::uint64_t memory_peak = 0;  ///< bytes

  bool operator==(const task_report&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.exit_code);
    field(2, m.signal);
    field(3, m.code, text);
    field(4, m.detail);
    field(5, m.host, text);
    field(6, m.stdout_tail);
    field(7, m.stderr_tail);
    field(8, m.stdout_bytes);
    field(9, m.stderr_bytes);
    field(10, m.started_ms);
    field(11, m.ended_ms);
    field(12, m.cpu_ms);
    field(13, m.memory_peak);
  }
};

}  // namespace fabric::transport
