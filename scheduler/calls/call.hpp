#pragma once

#include <cstdint>

#include "fabric/demand.hpp"
#include "fabric/ids.hpp"
#include "fabric/instant.hpp"
#include "resources/backoff.hpp"

/// Calls of functions, as the process that submitted them sees them.
namespace fabric::calls {

/// One call of a function, retries included. The lower 32 bits are its place in the book, which
/// later calls use again, the upper ones how often the place was used.
using call_id = strong_id<struct call_tag>;
/// Calls that may share a worker: those with one shape. Numbered from 1 by the book.
using pool_id = strong_id<struct pool_tag>;
/// What runs calls of one pool: a thread here, a process on a node. Chosen by the fleet, never used
/// again.
using worker_id = strong_id<struct worker_tag>;

/// Where data lies: workers with the same one read it without a copy over a network. Chosen by the
/// fleet; 0 where it is nowhere in particular, or not known.
using host_id = strong_id<struct host_tag>;

/// Data that a call reads, or has made.
struct data_place {
  host_id host;
  std::uint64_t bytes = 0;

  bool operator==(const data_place&) const = default;
};

/// The place of a call, for tables beside the book.
constexpr std::uint32_t place_of(call_id id) { return static_cast<std::uint32_t>(id.value); }

/// What a worker must hold to run the calls of a pool.
struct pool_shape {
  demand needs;
  int priority = 0;  ///< higher goes first

  auto operator<=>(const pool_shape&) const = default;
};

/// How calls of one submission are to be treated.
struct call_rules {
  std::uint32_t failures_max = 0;  ///< own failures after which it runs again
  std::uint32_t losses_max = 3;    ///< workers lost under it after which it runs again
  bool retry_timeouts = true;      ///< going over the time limit counts as such a failure
  backoff_policy backoff;          ///< between own failures
  duration time_limit{0};          ///< of one attempt; 0 is none
  duration deadline{0};            ///< from submission on, for all attempts; 0 is none

  bool operator==(const call_rules&) const = default;
};

/// How an attempt, or a call, is over.
enum class ending : std::uint8_t {
  succeeded,
  failed,             ///< its own failure
  lost,               ///< its worker went away too often
  cancelled,          ///< on request
  timed_out,          ///< over the time limit of an attempt
  expired,            ///< over the deadline
  dependency_failed,  ///< a call that it waited for did not succeed
  infeasible,         ///< no worker of its shape can ever be had
  closed,             ///< the session ended
  declined,           ///< of an attempt only: it was never started
};

enum class call_state : std::uint8_t {
  vacant,       ///< no call has this place
  announced,    ///< has an id, is not submitted yet
  waiting,      ///< for calls whose results it needs
  backing_off,  ///< until its next try
  queued,       ///< for a worker
  sent,         ///< to a worker, behind others
  running,
  blocked,  ///< waits, within the function, for another call; its slot is lent
  parked,   ///< waits no more, and gets the next free slot of its worker
};

}  // namespace fabric::calls
