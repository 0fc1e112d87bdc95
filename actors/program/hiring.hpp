#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/program/program_link.hpp"
#include "actors/program/program_upload.hpp"
#include "actors/program/worker_crew.hpp"

namespace fabric::actors {

/// Sees to it once that the head has this program, for all who need that.
class program_copy {
 public:
  void open(program_link& link, own_program what);
  /// `then` is called when it is there, or cannot be; on the link's thread.
  void ensure(std::function<void(result<void>)> then);
  [[nodiscard]] const own_program& what() const { return what_; }

 private:
  enum class state { none, under_way, done };
  program_link* link_ = nullptr;
  own_program what_;
  state now_ = state::none;
  std::vector<std::function<void(result<void>)>> waiting_;
};

/// Brings processes of one kind: asks the head for what a `worker_crew` wants, and finds out what
/// became of it. On the link's thread only.
class hiring {
 public:
  struct terms {
    std::string kind;  ///< "workers", "hosts": part of the jobs' keys
    program_id owner;
    std::function<std::string()> command;  ///< the job's payload
    /// No process of this pool can be had now, for this reason.
    std::function<void(calls::pool_id, std::string)> refused;
    worker_crew::opening opens = worker_crew::opening::at_once;
  };
  explicit hiring(terms how) : how_(std::move(how)), crew_(how_.opens) {}
  void open(program_link& link, program_copy& copy);

  void want(calls::pool_id pool, calls::pool_shape shape, std::uint32_t count);
  /// Answers when to call next at the latest.
  instant turn(instant now);
  /// A new session: what became final meanwhile is told again.
  void opened();

  /// A process says that it serves.
  worker_crew::arrival came(attempt_id attempt, program_id process);
  [[nodiscard]] bool knows(task_id task) const { return crew_.knows(task); }
  /// The head says that a task is final.
  worker_crew::ended finished(const transport::task_finished& what);
  void cancel(task_id task);
  [[nodiscard]] worker_crew& crew() { return crew_; }

 private:
  void submit(const worker_crew::submit& what);
  void answered(const worker_crew::submit& what, result<transport::message> answer);
  void give_up_doubtful(instant now);

  terms how_;
  program_link* link_ = nullptr;
  program_copy* copy_ = nullptr;
  worker_crew crew_;
  std::map<calls::pool_id, calls::pool_shape> shapes_;
  std::map<calls::pool_id, instant> doubts_;  // pools that no node known could serve, until when
};

}  // namespace fabric::actors
