#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "actors/daemon/start_options.hpp"
#include "actors/node_actor.hpp"
#include "actors/spawner/spawner.hpp"
#include "actors/store/file_lock.hpp"
#include "fabric/result.hpp"

/// What head and worker daemons do alike when they start.
namespace fabric::daemon {

/// The lock of a state directory: one daemon each. Faults: store_locked, naming the holder.
result<store::file_lock> lock_instance(const std::string& state_dir);

/// The pid of the daemon that holds the state directory's lock; nothing where none does.
std::optional<int> pid_of_instance(const std::string& state_dir);

/// Signals that end the daemon are only taken by `wait_for_stop`; must run before any thread starts.
void block_signals();

/// Blocks until `done` is ready, another SIGTERM or SIGINT comes, or `patience` is over.
void wait_for_drain(std::future<void>& done, duration patience);

/// Blocks until SIGTERM or SIGINT. `stop_waiting` (any thread) ends it too.
void wait_for_stop();
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

void log_to_stdout(const std::string& who);

}  // namespace fabric::daemon
