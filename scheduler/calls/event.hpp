#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "scheduler/calls/call.hpp"

/// Everything that can happen to the book. What comes from workers may be late or come twice: an
/// attempt that is not the latest of its call is ignored. What comes from one worker comes in
/// order.
namespace fabric::calls::event {

struct new_call {
  call_id id;                ///< of `book::announce`
  std::uint32_t bytes = 0;   ///< of its arguments, where they travel
  std::uint32_t after = 0;   ///< how many entries of `submitted::after` are its own
  bool is_hopeless = false;  ///< something that it needs has failed already
  data_place reads{};        ///< where the largest of its arguments lies that is there by now
};

/// Calls of one pool with the same rules, in their order.
struct submitted {
  pool_id pool;
  call_rules rules;
  std::vector<new_call> calls;
  /// The calls that each of `calls` waits for, one after the other. Those that are over already
  /// count as succeeded: the shell looks at their results before.
  std::vector<call_id> after;
  /// Submitted by a call: before those that wait already, so that nested work goes depth first.
  bool first = false;
};

/// A worker holds what the pool's shape asks for; said once.
struct worker_ready {
  worker_id worker;
  pool_id pool;
  std::uint32_t slots = 1;  ///< calls that it runs at a time
  host_id host{};
};

/// A worker is out of sight. Its calls run elsewhere only once it is certain that they do not
/// run there any more.
struct worker_lost {
  worker_id worker;
  bool certain = true;
};

/// One that was out of sight is back with all that it had.
struct worker_found {
  worker_id worker;
};

struct ended_call {
  call_id call;
  std::uint32_t attempt = 0;
  ending how = ending::succeeded;  ///< succeeded, failed, cancelled or declined
  bool may_retry = true;           ///< of a failure: it is of a kind that is tried again
  data_place made{};               ///< where its result lies, for the calls that wait for it
};

/// Attempts that are over, in the order in which they ended, and how long they took together.
struct reported {
  worker_id worker;
  std::vector<ended_call> calls;
  duration ran{0};
};

/// The answer to `command::recall`: calls that were sent and will not be started.
struct recalled {
  worker_id worker;
  std::vector<ended_call> calls;
};

/// A running call waits for another call.
struct blocked {
  worker_id worker;
  call_id call;
  std::uint32_t attempt = 0;
};

/// It waits no more, but for a slot of its worker.
struct unblocked {
  worker_id worker;
  call_id call;
  std::uint32_t attempt = 0;
};

/// It goes on.
struct resumed {
  worker_id worker;
  call_id call;
  std::uint32_t attempt = 0;
};

/// The answer to `command::reclaim`.
struct reclaimed {
  worker_id worker;
  std::uint32_t turn = 0;
};

struct cancel_requested {
  call_id call;
  bool hard = false;  ///< over at once; its worker may be killed for it
};

/// Others wait for what idle or long-held workers hold. Said again while it lasts.
struct pressure {
  bool on = true;
  pool_id by;  ///< the pool that waits; 0 where it is not one of ours
};

/// No worker of this pool can ever be had.
struct pool_refused {
  pool_id pool;
};

/// The session ends: every call does.
struct closed {};

/// Time went by. The shell sends one at `next_wakeup()` at the latest.
struct ticked {};

}  // namespace fabric::calls::event

namespace fabric::calls {

using event_type =
    std::variant<event::submitted, event::worker_ready, event::worker_lost, event::worker_found,
                 event::reported, event::recalled, event::blocked, event::unblocked, event::resumed,
                 event::reclaimed, event::cancel_requested, event::pressure, event::pool_refused,
                 event::closed, event::ticked>;

}  // namespace fabric::calls
