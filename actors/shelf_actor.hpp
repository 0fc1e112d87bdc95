#pragma once

#include <string>

#include "actors/protocol.hpp"

namespace fabric::actors {

/// The head's copies of programs, behind an actor with a thread of its own: it waits for the disk.
shelf_actor spawn_shelf(caf::actor_system& system, const std::string& folder);

}  // namespace fabric::actors
