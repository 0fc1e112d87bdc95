#pragma once

#include <cstdint>
#include <variant>

#include "scheduler/calls/call.hpp"

/// What is to be done after a step, in this order.
namespace fabric::calls::command {

/// So many workers of the pool would be of use, those that it has (but for lent ones) among them.
/// Replaces the last wish for the pool. None is taken away for it: `release` says when.
struct want {
  pool_id pool;
  std::uint32_t workers = 0;
};

/// The worker runs its calls in the order in which they were sent, on each of its slots one at a
/// time. A call that blocks leaves its slot to the next. One that waits no more has the next slot
/// that is free, before those that were not started.
struct start {
  worker_id worker;
  call_id call;
  std::uint32_t attempt = 0;
};

/// The call is to end: what was not started is dropped, what runs is told. `hard`: the worker may
/// be killed. Its end is reported in any case, or the worker is lost.
struct stop {
  worker_id worker;
  call_id call;
  std::uint32_t attempt = 0;
  bool hard = false;
};

/// Hand back up to `most` calls that were not started, the last ones first. Always answered with
/// `event::recalled`.
struct recall {
  worker_id worker;
  std::uint32_t most = 0;
};

/// All that runs on the worker waits: what it holds may be used by others until `reclaim`, which is
/// answered with `event::reclaimed` once the worker holds the same again. It starts and resumes
/// nothing in between. A later `lend` withdraws a `reclaim` that has no answer yet. A worker that
/// runs a call by then keeps what it has, and answers `reclaim`.
struct lend {
  worker_id worker;
};
struct reclaim {
  worker_id worker;
  std::uint32_t turn = 0;  ///< belongs in the answer
};

/// The worker has no calls and is not needed any more.
struct release {
  worker_id worker;
};

/// The call is over. Said once for every call that was submitted.
struct finished {
  call_id call;
  std::uint32_t attempt = 0;  ///< 0 where it never started
  ending how = ending::succeeded;
  call_id origin;  ///< dependency_failed: the call that failed first
};

}  // namespace fabric::calls::command

namespace fabric::calls {

using command_type =
    std::variant<command::want, command::start, command::stop, command::recall, command::lend,
                 command::reclaim, command::release, command::finished>;

}  // namespace fabric::calls
