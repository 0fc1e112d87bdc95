#pragma once

#include "actors/gateway/gateway_state.hpp"

/// Names that programs hold and find: what is said about the name book.
namespace fabric::actors::names {

/// Takes claims, releases and finds; false where the message is none of them.
bool hear(gateway_state& s, session& who, const transport::message& body);
/// The program will not be back.
void gone(gateway_state& s, program_id who);
/// The session is over.
void forget(gateway_state& s, session_id who);
/// What the time decides.
void tick(gateway_state& s);

}  // namespace fabric::actors::names
