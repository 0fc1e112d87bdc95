#pragma once

#include <unistd.h>

#include <optional>
#include <string>

namespace fabric::daemon {

/// A control group of this daemon's own below the one it was started in, for its tasks: made with
/// the object, removed with it. Version 2 where the daemon's group is delegated with the memory
/// controller, else version 1's memory hierarchy, else none: then memory limits are not enforced.
class task_cgroup {
 public:
  /// Also removes the groups that killed daemons left here. Call before the process has children:
  /// version 2 lets only a process that is alone in its group hand the group out to tasks.
  static std::optional<task_cgroup> make();
  ~task_cgroup();
  task_cgroup(task_cgroup&& other) noexcept;
  task_cgroup& operator=(task_cgroup&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit task_cgroup(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Makes the memory controller of a group of version 2 work in the groups below it. The kernel
/// allows that only where no process is in the group itself (cgroups(7), "no internal processes"),
/// so `self`, if it is alone there, moves to a group `daemon` below. False where the group is not
/// ours to change, or others are in it; then nothing has changed.
bool hand_out_memory(const std::string& group, pid_t self);

/// Removes "fabric-PID" below `parent`, and what is empty in it, for every process that is gone.
void remove_leftovers(const std::string& parent);

}  // namespace fabric::daemon
