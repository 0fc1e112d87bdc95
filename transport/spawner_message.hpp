#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fabric/ids.hpp"
#include "fabric/instant.hpp"

/// Between a daemon and its spawner process, over a socket pair; same codec as the wire.
namespace fabric::transport::spawner {

/// Daemon → spawner.
struct start {
  attempt_id id;
  std::vector<std::string> argv;
  std::vector<std::string> env;  ///< the whole environment, "K=V"
  std::string cwd;
  std::string stdin_data;
  std::string stdout_path;  ///< created when the first byte comes
  std::string stderr_path;
  std::uint64_t output_bytes_max = 0;  ///< of each stream kept on disk; the last ones are kept
  duration time_limit{0};              ///< 0 is none
  duration kill_grace{0};              ///< between SIGTERM and SIGKILL when the limit is reached
  std::uint64_t memory_max = 0;        ///< bytes, 0 is none; enforced where cgroups allow

  bool operator==(const start&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.argv);
    field(3, m.env);
    field(4, m.cwd);
    field(5, m.stdin_data);
    field(6, m.stdout_path);
    field(7, m.stderr_path);
    field(8, m.output_bytes_max);
    field(9, m.time_limit);
    field(10, m.kill_grace);
    field(11, m.memory_max);
  }
};
/// Daemon → spawner: SIGTERM to the whole group now, SIGKILL to all of it after `grace`.
struct kill {
  attempt_id id;
  duration grace{0};

  bool operator==(const kill&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.grace);
  }
};
/// Daemon → spawner: everything dies at this CLOCK_BOOTTIME unless a later fence comes before.
struct fence {
  instant at{};

  bool operator==(const fence&) const = default;
  static void describe(auto& m, auto&& field) { field(1, m.at); }
};

/// Spawner → daemon.
struct process_started {
  attempt_id id;
  std::int32_t pid = 0;

  bool operator==(const process_started&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.pid);
  }
};
/// Spawner → daemon: it is reaped, and nothing of its group is left.
struct process_ended {
  attempt_id id;
  std::uint8_t why = 0;  ///< `end_reason`
  std::int32_t exit_code = -1;
  std::int32_t signal = 0;
  std::string detail;  ///< why it could not be started
  std::string stdout_tail;
  std::string stderr_tail;
  std::uint64_t stdout_bytes = 0;
  std::uint64_t stderr_bytes = 0;
  std::int64_t started_ms = 0;
  std::int64_t ended_ms = 0;
  std::uint64_t cpu_ms = 0;
  std::uint64_t memory_peak = 0;

  bool operator==(const process_ended&) const = default;
  static void describe(auto& m, auto&& field) {
    field(1, m.id);
    field(2, m.why);
    field(3, m.exit_code);
    field(4, m.signal);
    field(5, m.detail);
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

enum class end_reason : std::uint8_t {
  exited,       ///< by itself: exit_code or signal
  not_started,  ///< `detail` says why
  timed_out,    ///< killed at its time limit
  killed,       ///< killed by `kill`
  fenced,       ///< killed by the fence
  oom,          ///< the kernel's out-of-memory killer took it
};

using message = std::variant<start, kill, fence, process_started, process_ended>;

}  // namespace fabric::transport::spawner
