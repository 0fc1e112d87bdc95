#pragma once

#include <variant>

#include "scheduler/actors/actor.hpp"

/// All that can happen to a roster. What a host says about an incarnation that is not the latest
/// one of its actor is ignored.
namespace fabric::roster::event {

struct group_made {
  group_id group;
  strategy how = strategy::one_for_one;
  restart_rules rules;
};

struct spawned {
  actor_id actor;
  pool_id pool;
  group_id group;       ///< 0: it is alone, under `rules`
  restart_rules rules;  ///< of an actor that is alone
};

struct host_ready {
  host_id host;
  pool_id pool;
};

/// Certainly gone, with all that lived there.
struct host_lost {
  host_id host;
};

/// No host of this pool can ever be had.
struct pool_refused {
  pool_id pool;
};

struct made {
  host_id host;
  actor_id actor;
  incarnation life = 0;
};

/// Its constructor threw, or its class is not known there.
struct not_made {
  host_id host;
  actor_id actor;
  incarnation life = 0;
};

enum class how_ended : std::uint8_t { told, stopped, failed };

/// This life is over and none of its methods runs any more: it was told to end, or did so itself.
struct ended {
  host_id host;
  actor_id actor;
  incarnation life = 0;
  how_ended how = how_ended::told;
};

struct kill_requested {
  actor_id actor;
};

/// The owner ends, and all actors with it.
struct closed {};

}  // namespace fabric::roster::event

namespace fabric::roster {

using event_type = std::variant<event::group_made, event::spawned, event::host_ready,
                                event::host_lost, event::pool_refused, event::made, event::not_made,
                                event::ended, event::kill_requested, event::closed>;

}  // namespace fabric::roster
