#pragma once

#include <sys/types.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "actors/spawner/alarm_clock.hpp"
#include "actors/spawner/fence_board.hpp"
#include "actors/spawner/frames.hpp"
#include "actors/spawner/task.hpp"
#include "actors/spawner/task_table.hpp"
#include "actors/spawner/unique_fd.hpp"

namespace fabric::spawner {

/// The spawner process: one thread that waits for messages, ends of children, output and the clock.
/// It never blocks on the daemon: it always reads, and what the daemon does not take yet is queued
/// (at most the last messages of the tasks that were running).
class spawner_loop {
 public:
  spawner_loop(unique_fd socket, task_setting setting, pid_t warden, fence_board& board);

  /// Returns when the daemon is gone and nothing of its tasks is left, or 1.5 s later.
  void run();

 private:
  void handle(std::uint64_t source, std::uint32_t events);
  void read_socket();
  void obey_next();
  void read_output(std::uint64_t source);
  void read_signals();
  void read_clock();
  void obey(transport::spawner::message& m);
  void start(const transport::spawner::start& what);
  void tell(const transport::spawner::message& m);
  void flush();
  void leave();
  void move_fence(instant at);
  void keep_fence();
  void set_clock();
  [[nodiscard]] bool is_fenced() const;
  void watch(int fd, std::uint64_t source, std::uint32_t events);

  unique_fd socket_;
  unique_fd epoll_;
  unique_fd signals_;
  alarm_clock clock_;
  task_setting setting_;
  pid_t warden_;
  fence_board& board_;
  std::vector<char> scratch_;
  frame_reader in_;
  bool more_in_ = false;  ///< `in_` may hold another whole message
  std::string out_;
  bool had_large_input_ = false;
  bool waits_to_write_ = false;
  task_table tasks_;
  bool children_changed_ = false;
  instant fence_at_ = never;
  instant leave_by_ = never;
  bool leaving_ = false;
};

/// In the forked process: makes itself the spawner, tells its pid through the socket, runs, exits.
[[noreturn]] void become_spawner(const options& how, int socket, pid_t warden, fence_board& board);

}  // namespace fabric::spawner
