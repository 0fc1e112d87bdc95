#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "transport/spawner_message.hpp"

namespace fabric::spawner {

/// Whom the tasks run as. Needs a daemon that runs as root.
struct credentials {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

struct options {
  std::string cgroup_parent;  ///< delegated cgroup folder; empty: none, process groups and
                              ///< descendants are used
  std::string name = "fabric-spawner";
  std::optional<credentials> task_user;  ///< nothing: the daemon's own user
  std::uint32_t pids_max =
      0;  ///< processes and threads of one task, 0 is no limit; needs cgroup v2 with pids
};

/// The daemon's end of the pair. The spawner is a process of its own, forked before any thread or
/// ZeroMQ context exists, single-threaded, that starts, limits, fences and reaps every task of the
/// node, and kills them all within 2 s when the daemon is gone. Between the two stands a warden, a
/// process that does nothing but kill what is left should the spawner itself be killed.
class link {
 public:
  /// Forks the spawner. Must be called while the process has one thread, and from a thread that
  /// lives as long as the daemon. Faults: config, internal.
  static result<link> launch(const options& how);
  ~link();  ///< closes the pair: the spawner kills what runs and ends; waits for it (at most 3 s)
  link(link&&) noexcept;
  link& operator=(link&&) noexcept;
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Any thread; messages are not interleaved. May block while the spawner is behind, never because
  /// nobody calls `receive`. Faults: unreachable when the spawner is gone or `shut` was called,
  /// too_large beyond transport::data_frame_bytes_max.
  result<void> send(const transport::spawner::message& m);

  /// Blocks until a message comes; nothing when the spawner is gone or `shut` was called. One
  /// reader thread. When the spawner is gone, so are its tasks.
  std::optional<transport::spawner::message> receive();
  void shut();  ///< any thread

  [[nodiscard]] pid_t pid() const;  ///< of the spawner, 0 after a move

 private:
  struct state;
  explicit link(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace fabric::spawner
