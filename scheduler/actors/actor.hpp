#pragma once

#include <chrono>
#include <cstdint>

#include "fabric/ids.hpp"
#include "fabric/instant.hpp"

/// Actors, as the program that spawned them sees them.
namespace fabric::roster {

/// Chosen by the owner, rising, never used again.
using actor_id = strong_id<struct actor_tag>;
/// Actors that are supervised together. Chosen by the owner, not 0, never used again.
using group_id = strong_id<struct group_tag>;
/// A process that actors live in. Chosen by the shell, never used again.
using host_id = strong_id<struct host_tag>;
/// Hosts of one kind. Those of pool 0 hold nothing and are shared by any number of actors; a host
/// of another pool holds what one actor needs.
using pool_id = strong_id<struct host_pool_tag>;
/// One life of an actor, numbered from 1.
using incarnation = std::uint32_t;

/// What the failure of one member of a group means for the others, as in Erlang/OTP.
enum class strategy : std::uint8_t {
  one_for_one = 1,   ///< nothing
  one_for_all = 2,   ///< all are ended and made anew
  rest_for_one = 3,  ///< so are those that were spawned after it
};

/// So many restarts within this time; one more, and the group is given up.
struct restart_rules {
  std::uint32_t most = 0;
  duration within = std::chrono::seconds{60};

  bool operator==(const restart_rules&) const = default;
};

/// Why an actor is gone. Numbers are stable: they travel.
enum class reason : std::uint8_t {
  killed = 1,         ///< on request
  stopped = 2,        ///< it said so itself
  failed = 3,         ///< it failed, and has no restart left
  not_made = 4,       ///< it could not be made in the first place
  host_lost = 5,      ///< its process or node is gone, and it has no restart left
  restart_limit = 6,  ///< it, or its group, failed more often than its rules allow
  infeasible = 7,     ///< no host of its pool can ever be had
  closed = 8,         ///< the owner ended
};

enum class actor_state : std::uint8_t {
  waiting,  ///< for a host, or for those before it in its group
  making,   ///< its host was told to
  alive,
  ending,  ///< its host was told to; then it is made anew, or forgotten
  gone,    ///< or never there
};

}  // namespace fabric::roster
