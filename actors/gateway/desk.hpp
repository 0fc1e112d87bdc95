#pragma once

#include "actors/gateway/gateway_state.hpp"

/// What peers with a session say: to nodes and to clients what their role lets them, and nothing
/// else.
namespace fabric::actors::desk {

void hear_worker(gateway_state& s, session& who, transport::message& body, events_of_turn& events);
void hear_client(gateway_state& s, const gateway_actor& me, session& who, transport::message& body,
                 events_of_turn& events);

/// A message of a later protocol version that we do not know; one that must be understood ends the
/// session.
void hear_unknown(gateway_state& s, transport::connection_id from, const transport::header& head,
                  events_of_turn& events);

/// The scheduler found where the output lies that a client wants to read.
void pass_on(gateway_state& s, log_located& found);

/// The scheduler knows whether the attempt of a note runs: to those who watch its job, or back.
void pass_on(gateway_state& s, note_checked& found);

}  // namespace fabric::actors::desk
