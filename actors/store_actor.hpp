#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/protocol.hpp"

namespace fabric::store {
class writer;
}

namespace fabric::actors {

/// Puts the store's writer thread behind an actor: commits and reads go in as messages, answers come
/// back as messages, and no actor ever blocks on the disk.
store_actor spawn_store(caf::actor_system& system, std::shared_ptr<store::writer> writer);

}  // namespace fabric::actors
