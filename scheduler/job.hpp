#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/demand.hpp"
#include "fabric/ids.hpp"
#include "fabric/instant.hpp"
#include "resources/backoff.hpp"

namespace fabric::scheduler {

inline constexpr std::uint32_t array_tasks_max = 10'000'000;
inline constexpr std::uint32_t retries_max = 1'000;
inline constexpr int priority_limit = 1'000'000;  ///< |priority| at most

struct retry_policy {
  std::uint32_t retries_max = 0;  ///< further attempts after a failure of the task's own
  backoff_policy backoff{std::chrono::seconds{1}, std::chrono::seconds{60}};
  /// Crashes (death by signal, or of its worker) in a row after which the task is poisoned. A
  /// crash below this count is run again even when no retries are left.
  std::uint32_t poison_after = 3;

  bool operator==(const retry_policy&) const = default;
};

/// What was submitted: `count` tasks alike but for their index. Immutable. What is to be run is
/// `payload`, opaque bytes to the scheduler (transport/work.hpp encodes it).
struct job {
  std::string name;       ///< for people; may be empty
  std::string key;        ///< idempotency key; empty is none
  std::string submitter;  ///< fingerprint of the submitting key, for the audit
  program_id owner;       ///< the program that it lives no longer than; 0: it belongs to nobody
  std::string study;      ///< the study whose trial this is; empty for other work
  std::string payload;
  demand needs;
  int priority = 0;  ///< higher runs first
  retry_policy retry;
  duration time_limit{0};     ///< of one attempt; 0 is none
  duration expires_after{0};  ///< a task not started this long after submission expires; 0: never
  std::uint32_t first_index = 0;
  std::uint32_t count = 1;
  bool is_array = false;
  std::vector<job_id> after;  ///< starts when all of these have succeeded; cancelled otherwise

  bool operator==(const job&) const = default;
};

enum class task_state : std::uint8_t {
  blocked,      ///< waits for other jobs
  queued,       ///< waits for a node
  backing_off,  ///< waits before a retry
  granted,      ///< given to a node; not known to run yet
  running,
  succeeded,  // final states from here on
  failed,
  cancelled,
  poisoned,
  expired,
};
constexpr bool is_final(task_state s) { return s >= task_state::succeeded; }
std::string_view name_of(task_state s);

/// How an attempt ended, as far as the scheduler needs to know. The rest is in its opaque report.
enum class ending : std::uint8_t {
  succeeded,
  failed,     ///< its own failure: exit status, bad arguments; counts against retries
  crashed,    ///< died by a signal that nobody of ours sent, or out of memory; counts towards
              ///< poisoning
  timed_out,  ///< over its time limit; counts as a failure
  cancelled,  ///< killed on request
  preempted,  ///< handed back by a draining node; not a failure
  lost,  ///< killed by its own node because the lease ran out, or its daemon died; not a failure
  unstartable,  ///< the node could not start it (no such program, no such user): a failure without
                ///< retries
};
std::string_view name_of(ending e);

}  // namespace fabric::scheduler
