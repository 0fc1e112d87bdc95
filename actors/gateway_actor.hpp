#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/protocol.hpp"
#include "transport/handshake.hpp"

namespace fabric::actors {

class parcel_office;

struct gateway_settings {
  transport::head_identity who;
  duration lease{0};
  duration heartbeat{0};
  int missed_max = 5;  ///< intervals of silence before a session is closed
  std::uint32_t credits = 256;
  std::vector<transport::peer_identity> admitted;
  std::vector<std::string> own_keys;  ///< public ones that the head itself uses: never revoked
  std::shared_ptr<parcel_office> parcels;
  shelf_actor shelf;
};

/// The head's door: it opens sessions, checks what each role may say, turns messages into events
/// and requests, and carries the scheduler's commands to the peers they are for.
gateway_actor spawn_gateway(caf::actor_system& system, gateway_settings how,
                            transport::poll_loop& loop, scheduler_actor scheduler,
                            store_actor store);

}  // namespace fabric::actors
