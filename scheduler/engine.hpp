#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/command.hpp"
#include "scheduler/event.hpp"
#include "scheduler/policy.hpp"

namespace fabric::scheduler {

/// How the scheduler is to behave; fixed for its life.
struct settings {
  duration lease = std::chrono::seconds{60};         ///< 2 s to 24 h
  duration cancel_grace = std::chrono::seconds{10};  ///< from SIGTERM to SIGKILL
  /// Added to the lease before the head believes an attempt dead: 1 s + 0.1 % of the lease (clock
  /// drift) + the time a kill takes. See docs/protocol.md, leases.
  duration margin = std::chrono::seconds{3};
  std::size_t queued_tasks_max = 20'000'000;  ///< beyond: submissions are refused with BUSY
  /// Of names, keys and payloads of jobs that are not over; beyond: BUSY too.
  std::size_t queued_bytes_max = std::size_t{1} << 30;
  duration aging = std::chrono::seconds{60};  ///< waiting this long is worth one priority
  /// How often nodes send heartbeats, at most a fifth of the lease. A node that is not heard for
  /// more than two of them gets no new work, and another daemon may take its place.
  duration heartbeat = std::chrono::seconds{2};
  /// A job that got nothing for this long and fits nowhere now has one node kept free for it.
  duration starved_after = std::chrono::seconds{120};
  std::size_t node_attempts_max = 4096;  ///< held by one node at a time
  placement_policy placement = placement_policy::pack;
  std::uint64_t seed = 1;  ///< of the jitter of retries
};

/// Read-only pictures for listings. Plain values; strings are owned.
struct node_view {
  node_id id;
  std::string name;
  std::string_view
      state;  ///< "active", "disconnected", "draining", "drained", "recovering", "lost"
  capacity total;
  resource_set used;
  std::size_t running = 0;  ///< attempts held
  instant last_heard{};
};
struct task_view {
  task_id id;
  task_state state = task_state::queued;
  attempt_number attempt = 0;
  node_id node;
  std::uint32_t failures = 0;
  std::uint32_t lost = 0;
};
struct job_view {
  job_id id;
  std::shared_ptr<const job> what;
  bool cancelled = false;
  std::size_t waiting = 0;  ///< blocked, queued, backing off
  std::size_t held = 0;     ///< granted or running
  std::size_t succeeded = 0;
  std::size_t failed = 0;  ///< failed, poisoned, expired
  std::size_t cancelled_tasks = 0;
};
/// Why a task does not run on a node now.
struct explanation {
  std::string summary;  ///< for the task as a whole: "waits for job 4", "retries in 3 s", ...
  struct line {
    node_id node;
    std::string name;
    std::string
        reason;  ///< "needs cpu 4, free 1 of 3", "label zone is home, wants lab", "draining"
    bool could_ever = false;
  };
  std::vector<line> nodes;
};
struct counters {
  std::uint64_t stale_results = 0;  ///< reports of attempts that were no longer the latest
  std::uint64_t lost_attempts = 0;  ///< attempts re-run because no result of theirs was recorded
  std::uint64_t granted = 0;
  std::uint64_t finished = 0;
  std::size_t waiting = 0;
  std::size_t held = 0;
};

/// The scheduler: a value. `step` is the only way in; it takes the time, changes the state and
/// says what is to be done. No clock, no randomness but the seed, no allocation of ids but job
/// numbers, no I/O. Same events, same commands, on every machine.
///
/// Cost of a step: O(log jobs + log nodes) for each task granted or ended, whatever the number of
/// queued tasks or nodes; O(attempts of the node) for a node joining or being lost. An array of n
/// tasks that were never started costs one record.
///
/// Not thread-safe; owned by one actor.
class engine {
 public:
  explicit engine(settings how);
  ~engine();
  engine(engine&&) noexcept;
  engine& operator=(engine&&) noexcept;

  /// A scheduler that goes on from a store's content. Held attempts stay leased until now + lease +
  /// margin, so that what still runs somewhere is not started twice; their nodes show as
  /// "recovering" until they return.
  static engine restore(settings how, snapshot from, instant now);

  std::vector<command_type> step(const event_type& what, instant now);

  /// The time at which `ticked` has something to do; `never` if nothing waits for time.
  [[nodiscard]] instant next_wakeup() const;

  [[nodiscard]] std::vector<node_view> nodes() const;
  [[nodiscard]] std::optional<node_view> node(node_id id) const;
  /// Jobs with a task that is not final, newest first, at most `limit`.
  [[nodiscard]] std::vector<job_view> jobs(std::size_t limit) const;
  /// Nothing for a job that is unknown or whose tasks are all final (ask the store).
  [[nodiscard]] std::optional<job_view> job_of(job_id id) const;
  [[nodiscard]] std::optional<task_view> task(task_id id) const;
  /// Tasks of a live job that are not final, with `only` in that state: those that were begun, then
  /// those that were not, each in index order. Those that are final cost nothing.
  [[nodiscard]] std::vector<task_view> open_tasks(job_id id, std::optional<task_state> only,
                                                  std::size_t limit) const;
  /// True for a job whose tasks are all final, with whether all succeeded.
  [[nodiscard]] std::optional<bool> finished(job_id id) const;
  /// Faults: not_found (unknown or already final).
  [[nodiscard]] result<explanation> explain(task_id id, instant now) const;
  /// Programs that own live jobs.
  [[nodiscard]] std::vector<program_id> owners() const;
  [[nodiscard]] counters count() const;
  [[nodiscard]] const settings& how() const;

  /// Every invariant of the state; the empty string, or the first claim that does not hold. Slow:
  /// for tests and the simulator.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  struct book;
  std::unique_ptr<book> book_;
};

}  // namespace fabric::scheduler
