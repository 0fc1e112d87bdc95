#pragma once

#include <functional>

#include "actors/head_link.hpp"
#include "actors/protocol.hpp"

namespace fabric::actors {

struct client_settings {
  head_address head;
  std::string host;
  /// How long calls survive without a session once there was one; until then calls fail at once
  /// when the head cannot be reached, and each tries anew.
  duration patience = std::chrono::seconds{60};
  std::uint64_t seed = 1;
};

/// A program's session with the head. Calls are answered once; those not answered when a session is
/// lost are sent again in the next one (all of them may be repeated: submissions carry keys). Those
/// that come after a head refused us for good are answered with that refusal.
client_actor spawn_client(caf::actor_system& system, client_settings how,
                          transport::poll_loop& loop, link_router& router);

}  // namespace fabric::actors
