#pragma once

#include "actors/gateway/gateway_state.hpp"

/// Who comes in, and who is gone.
namespace fabric::actors::door {

/// HELLO: opens a session or refuses it. A client is welcomed at once, a node by the scheduler.
void greet(gateway_state& s, transport::connection_id connection,
           const transport::peer_identity& from, const transport::hello& hello,
           events_of_turn& events);

/// JOIN: stores a new machine's key; `me` is told when that is done.
void admit(gateway_state& s, const gateway_actor& me, transport::connection_id connection,
           const transport::peer_identity& from, const transport::join& what);
void finish_join(gateway_state& s, key_admitted& what);

/// A frame that could not be read.
void misbehaved(gateway_state& s, const transport::link_event::malformed& what,
                events_of_turn& events);

/// The connection is gone: the scheduler hears of a node's loss.
void lose(gateway_state& s, transport::connection_id connection, events_of_turn& events);
/// The same, told to nobody.
std::optional<session> forget(gateway_state& s, transport::connection_id connection);
/// Its peer said goodbye.
void leave(gateway_state& s, session& who, events_of_turn& events);

/// Closes the sessions that have been silent for too long.
void close_silent(gateway_state& s, events_of_turn& events);
/// Every peer is to greet anew.
void drop_all(gateway_state& s, const fault& why);

}  // namespace fabric::actors::door
