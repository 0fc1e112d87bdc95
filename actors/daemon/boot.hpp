#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "actors/daemon/start_options.hpp"
#include "actors/node_actor.hpp"
#include "actors/spawner/spawner.hpp"
#include "actors/store/file_lock.hpp"
#include "actors/worker.hpp"
#include "fabric/result.hpp"

/// What head and worker daemons do alike when they start.
namespace fabric::daemon {

/// The lock of a state directory: one daemon each. Faults: store_locked, naming the holder.
result<store::file_lock> lock_instance(const std::string& state_dir);

/// The pid of the daemon that holds the state directory's lock; nothing where none does.
std::optional<int> pid_of_instance(const std::string& state_dir);

/// Signals that end the daemon are only taken by `wait_for_stop`; must run before any thread
/// starts.
void block_signals();

/// Keeps other processes of the same user, debuggers and core dumps from this process's memory
/// (prctl(2), PR_SET_DUMPABLE). What it forks later is hidden too, until it runs another program;
/// a hidden process without rights may not write to its own /proc/self.
void hide_memory();

/// How long a daemon that was told to stop lets its tasks run.
inline constexpr duration drain_patience = std::chrono::seconds{30};

/// Drains the node; ends early at another signal.
void drain(actors::worker& node);

/// A callback for node_settings::first_contact, and where its outcome is waited for.
struct contact {
  std::function<void(result<transport::welcome>)> tell;
  std::future<result<transport::welcome>> outcome;
};
contact make_contact();

/// For node_settings::broken and head_options::give_up: logs the fault, keeps its exit status and
/// ends the daemon. `exit_status` must outlive the daemon's actors.
std::function<void(fault)> ending_daemon(int& exit_status);

/// How a daemon is to end.
enum class stop_kind : std::uint8_t {
  drain,  ///< SIGTERM, SIGINT: let running tasks end first
  now,    ///< SIGQUIT
};

/// Blocks until one of the signals comes. `stop_waiting` (any thread) ends it too.
stop_kind wait_for_stop();
void stop_waiting();

/// What a node says of itself and holds. Faults: config (overrides, an address that is not ours).
struct node_boot {
  actors::node_settings settings;  ///< without head, first_contact and callbacks
  std::vector<std::string> notes;  ///< of detection, for the log
};
result<node_boot> survey(const start_options& how, node_id id);

/// Where `address` is no address of this machine, the fault that says so and names those that are.
result<void> check_own_address(const std::string& address);

/// A random 64-bit number.
std::uint64_t random_number();

/// The log of a daemon, from `info` on: its standard output, or standard error where that is to
/// hold a JSON document alone.
void log_as(const std::string& who, const start_options& how);

/// The log of a command: standard error, and only what is wrong.
void log_to_stderr();

}  // namespace fabric::daemon
