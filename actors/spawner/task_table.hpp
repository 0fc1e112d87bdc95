#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "actors/spawner/orphans.hpp"
#include "actors/spawner/task.hpp"

namespace fabric::spawner {

/// Every task that is there, and how tasks end. Signals are not sent when they are asked for but in
/// rounds (`signal_due`), so that a thousand kills cost one look at the processes.
///
/// A task ends in three steps: its main process is reaped; everything else of it is killed and
/// reaped; its output is drained and the last message about it is due.
class task_table {
 public:
  explicit task_table(std::span<char> scratch) : scratch_(scratch) {}

  void add(std::unique_ptr<task> t);
  [[nodiscard]] bool holds(attempt_id id) const { return main_of_.contains(id); }
  [[nodiscard]] bool empty() const { return tasks_.empty(); }
  /// Nothing where the task is over. Valid until the next call of `reap` or `settle`.
  [[nodiscard]] task* find(pid_t main);

  /// SIGTERM, and SIGKILL after `grace`. An attempt that is not there has ended: nothing happens.
  void kill(attempt_id id, duration grace, instant now);
  /// SIGKILL to all processes of all tasks, at once.
  void kill_everything(transport::spawner::end_reason why);
  /// Time limits and graces that are over.
  void expire(instant now);
  /// Sends what `kill` and `expire` found due.
  void signal_due();

  /// Takes leave of every process that has ended. True if there was one.
  bool reap();
  /// Looks after what ended tasks have left; answers the last message of each task that is over.
  std::vector<transport::spawner::process_ended> settle(instant now);

  [[nodiscard]] instant next_deadline() const;
  /// True when no process is left below this one.
  [[nodiscard]] bool nothing_left() const { return tasks_.empty() && nothing_left_; }

 private:
  void main_ended(task& t);
  void end_because(task& t, transport::spawner::end_reason why);
  [[nodiscard]] std::vector<pid_t> roots_of(const task& t) const;

  std::span<char> scratch_;
  tasks_by_main tasks_;
  std::map<attempt_id, pid_t> main_of_;
  orphans orphans_;
  instant look_again_at_ = never;  ///< while killed processes are still there
  bool nothing_left_ = false;
};

}  // namespace fabric::spawner
