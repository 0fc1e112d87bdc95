#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "fabric/result.hpp"
#include "transport/spawner_message.hpp"

namespace fabric::spawner {

struct options {
  std::string cgroup_parent;  ///< delegated cgroup folder; empty: none, process groups and descendants are used
  std::string name = "fabric-spawner";
};

/// The daemon's end of the pair. The spawner is a process of its own, forked before any thread or
/// ZeroMQ context exists, single-threaded, that starts, limits, fences and reaps every task of the
/// node, and kills them all within 2 s when the daemon is gone.
class link {
 public:
  /// Forks the spawner. Must be called while the process has one thread. Faults: config, internal.
  static result<link> launch(const options& how);
  ~link();  ///< closes the pair: the spawner kills what runs and ends; waits for it (at most 3 s)
  link(link&&) noexcept;
  link& operator=(link&&) noexcept;
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Any thread; messages are not interleaved. Faults: unreachable when the spawner is gone.
  result<void> send(const transport::spawner::message& m);

  /// Blocks until a message comes; nothing when the spawner is gone or `shut` was called. One reader
  /// thread.
  std::optional<transport::spawner::message> receive();
  void shut();

  [[nodiscard]] pid_t pid() const;

 private:
  link(int fd, pid_t pid);
  int fd_ = -1;
  pid_t pid_ = -1;
};

}  // namespace fabric::spawner
