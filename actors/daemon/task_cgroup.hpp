#pragma once

#include <optional>
#include <string>

namespace fabric::daemon {

/// A control group of this daemon's own below the one it was started in, for its tasks: made with
/// the object, removed with it. Version 2 where the daemon's group is delegated with the memory
/// controller, else version 1's memory hierarchy, else none: then memory limits are not enforced.
class task_cgroup {
 public:
  static std::optional<task_cgroup> make();
  ~task_cgroup();
  task_cgroup(task_cgroup&& other) noexcept;
  task_cgroup& operator=(task_cgroup&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit task_cgroup(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace fabric::daemon
