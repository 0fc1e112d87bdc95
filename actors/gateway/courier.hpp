#pragma once

#include "actors/gateway/gateway_state.hpp"

/// Carries the scheduler's commands, whose records are durable, to the peers they are for. One
/// whose session is over goes nowhere: its successor is told by the HELLO that it sends.
namespace fabric::actors::courier {

void carry(gateway_state& s, std::vector<scheduler::command_type>& commands);
void carry(gateway_state& s, reply& answer);
void carry(gateway_state& s, push& news);

}  // namespace fabric::actors::courier
