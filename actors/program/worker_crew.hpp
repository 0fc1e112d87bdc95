#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "fabric/ids.hpp"
#include "scheduler/calls/call.hpp"

namespace fabric::actors {

/// The worker processes of a program: which the head was asked for, which have come, which are
/// gone. A value; it says what to ask the head for, and what to tell the book.
///
/// A worker is a task of a job that the program owns. An attempt that follows another of the same
/// task is a new worker; it comes only when the one before is certainly gone.
class worker_crew {
 public:
  /// Asked for and not come yet, at a time: no more are waited for than this, or than work already.
  static constexpr std::uint32_t starting_max = 8;
  /// Those that have not come are called off when they were too many for so long: what is wanted
  /// goes up and down with every batch of calls.
  static constexpr duration surplus_patience = std::chrono::seconds{1};
  /// So many that end in a row before they have served: no more are asked for, or, where others
  /// work, not for a while.
  static constexpr std::uint32_t failed_starts_max = 3;
  /// The same for those that somebody else killed before they served: no fault of the program's, so
  /// more are borne, yet a machine that kills each one, for its memory say, is no place to wait at.
  static constexpr std::uint32_t killed_starts_max = 12;
  static constexpr duration failed_starts_patience = std::chrono::seconds{10};

  /// Whether the first worker of a pool comes alone. Nobody knows yet how long its calls take:
  /// where they are short, one worker does them all before others have come. Of many programs that
  /// begin at once, the first few would have all processes started for nothing, and the rest would
  /// wait.
  enum class opening { at_once, one_first };
  /// How long the first one works before others are asked for, and how long it is waited for.
  static constexpr duration trial = std::chrono::milliseconds{10};
  static constexpr duration first_patience = std::chrono::seconds{1};

  /// A pool that waits for so long for the next worker is hungry.
  static constexpr duration hunger_patience = std::chrono::milliseconds{100};

  struct submit {
    calls::pool_id pool;
    std::uint32_t count = 0;
    std::uint64_t number = 0;  ///< of the submission, from 1: a key that is never used twice
  };
  struct cancel {
    task_id task;
  };
  using order = std::variant<submit, cancel>;

  struct serving {
    calls::worker_id worker;
    calls::pool_id pool;
    program_id process;
  };
  struct ended {
    std::optional<calls::worker_id> worker;  ///< certainly gone
    program_id process;
    /// The pool will not get workers: it is given up, for this reason.
    std::optional<calls::pool_id> hopeless;
  };

  /// How a worker's task ended.
  enum class way {
    well,
    failed,
    killed,  ///< by a SIGKILL that we did not send
  };

  explicit worker_crew(opening how = opening::at_once) : opening_(how) {}

  /// The pool wants so many in all.
  void want(calls::pool_id pool, std::uint32_t workers);
  /// What the head is to be asked for now.
  std::vector<order> orders(instant now);
  /// A pool that waits for what others hold, ours perhaps; the one that asked first.
  [[nodiscard]] std::optional<calls::pool_id> hungry(instant now) const;
  /// When `orders` or `hungry` have more to say without news; `never` if not.
  [[nodiscard]] instant next_wakeup() const;
  /// The head's answer to a submission; nothing where it refused.
  void submitted(std::uint64_t number, std::optional<job_id> job);
  /// A process says that it serves. `replaced` is a worker that is certainly gone thereby.
  struct arrival {
    std::optional<serving> fresh;  ///< nothing where it is not ours, or an old attempt
    std::optional<calls::worker_id> replaced;
  };
  arrival came(attempt_id attempt, program_id process);
  /// The head says that the task is final.
  ended finished(task_id task, way how, instant now);
  /// The process is out of sight; its task is to be cancelled.
  std::optional<serving> lost(program_id process);
  [[nodiscard]] std::optional<serving> find(calls::worker_id worker) const;
  [[nodiscard]] bool has_workers(calls::pool_id pool) const;
  [[nodiscard]] bool knows(task_id task) const { return places_.contains(task); }
  /// The pool gets no workers: those that have not come are to be cancelled. It may want again.
  std::vector<task_id> give_up(calls::pool_id pool);
  /// The worker was told to retire.
  void retired(calls::worker_id worker);

  [[nodiscard]] std::optional<calls::worker_id> worker_of(program_id process) const;
  [[nodiscard]] std::optional<task_id> task_of(calls::worker_id worker) const;
  [[nodiscard]] std::optional<attempt_id> attempt_of(calls::worker_id worker) const;
  /// Jobs with a task that is not final, to be watched anew in a new session.
  [[nodiscard]] std::vector<job_id> jobs() const;

 private:
  struct place {
    calls::pool_id pool;
    attempt_number attempt = 0;  // of the process that serves; 0: none has come
    calls::worker_id worker;
    program_id process;
    bool has_served = false;
    bool is_leaving = false;  // retired or cancelled
  };
  struct pool {
    std::uint32_t wanted = 0;
    std::uint32_t asked = 0;  // in submissions that are not answered
    std::uint32_t starting = 0;
    std::uint32_t working = 0;
    std::uint32_t failed_starts = 0;  // in a row, as are
    std::uint32_t killed_starts = 0;
    instant surplus_until = never;
    bool is_fed = false;  // a worker came since the last look
    instant waits_since = never;
    instant resumes_at{};      // asks for no more before
    instant opens_at = never;  // the first one is alone until then
    bool is_open = false;

    /// One more ended so before it served: no more are to be asked for.
    bool is_too_much(way how);
    void starts_anew();
    /// How many more may be asked for while the first one is to come alone.
    [[nodiscard]] std::uint32_t room_before_opening(instant now);
  };
  struct submission {
    calls::pool_id pool;
    std::uint32_t count = 0;
  };

  const opening opening_;
  std::map<calls::pool_id, pool> pools_;
  std::map<task_id, place> places_;
  std::map<std::uint64_t, submission> unanswered_;
  std::unordered_map<program_id, task_id> by_process_;
  std::unordered_map<calls::worker_id, task_id> by_worker_;
  instant looked_at_{};
  std::uint64_t submissions_ = 0;
  std::uint64_t workers_ = 0;
};

}  // namespace fabric::actors
