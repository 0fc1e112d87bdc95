#pragma once

#include "actors/gateway/gateway_state.hpp"

/// Which keys are admitted: made, listed and revoked by people, and those that programs have
/// admitted for work that outlives them, with what such work has the head keep.
namespace fabric::actors::keys {

/// Takes the question where it is about keys: "key list", "key new", "key revoke", and of programs
/// "admit", "revoke", "keep", "kept". `me` is told when the store has answered.
bool hear(gateway_state& s, const gateway_actor& me, const session& who,
          const transport::ask& what);

/// A key is stored: it may connect now.
void finish_making(gateway_state& s, const key_made& what);

/// A key is revoked in the store: its sessions end now, with the reason.
void finish_revoking(gateway_state& s, const key_revoked& what, events_of_turn& events);

}  // namespace fabric::actors::keys
