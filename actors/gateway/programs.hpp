#pragma once

#include "actors/gateway/gateway_state.hpp"

/// Programs that use the library: they find each other through the head, lend a key to their
/// workers, and own jobs that end with them.
namespace fabric::actors::programs {

/// The program of a fresh session. Faults: forbidden (its id is another's, or its role is not a
/// client's), bad_message.
result<void> enter(gateway_state& s, session& who, const transport::program_description& what);
/// It said goodbye, and will not be back.
void leave(gateway_state& s, session& who, events_of_turn& events);
/// Those that were away for too long are gone.
void give_up_absent(gateway_state& s, events_of_turn& events);

}  // namespace fabric::actors::programs
