#pragma once

#include <variant>

#include "scheduler/actors/actor.hpp"

/// What is to be done after a step, in this order.
namespace fabric::roster::command {

/// So many hosts of the pool are of use in all. None is taken away for it: `release` says when.
struct want {
  pool_id pool;
  std::uint32_t hosts = 0;
};

/// Answered with `event::made`, `not_made`, or the host is lost.
struct make {
  host_id host;
  actor_id actor;
  incarnation life = 0;
};

/// What has begun is told to stop, and goes on to its end; what has not is handed back. Answered
/// with `event::ended` (or `not_made`), or the host is lost. `by_force`: it is the only one there
/// and nobody wants to see what runs, so the host may be killed for it.
struct end {
  host_id host;
  actor_id actor;
  incarnation life = 0;
  bool by_force = false;
};

/// Nothing lives there any more and nothing will. `by_force`: what still runs there is not wanted.
struct release {
  host_id host;
  bool by_force = false;
};

/// Callers may send there.
struct alive {
  actor_id actor;
  incarnation life = 0;
  host_id host;
};

/// Callers are to wait: it will be made anew.
struct down {
  actor_id actor;
};

/// Said once for every actor that was spawned.
struct gone {
  actor_id actor;
  reason why = reason::killed;
  std::uint32_t restarts = 0;
};

}  // namespace fabric::roster::command

namespace fabric::roster {

using command_type = std::variant<command::want, command::make, command::end, command::release,
                                  command::alive, command::down, command::gone>;

}  // namespace fabric::roster
