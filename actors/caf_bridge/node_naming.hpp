#pragma once

#include <caf/fwd.hpp>
#include <caf/node_id.hpp>
#include <optional>

#include "fabric/ids.hpp"

namespace fabric::actors {

/// CAF's name for the actors of another program. CAF makes node ids of the machine's addresses and
/// the process id, which containers and restarted processes share; programs' ids are never used
/// twice. So actor handles travel with the program's id, and get such a node id where they arrive.
caf::node_id node_of(program_id who);

/// Nothing where the node id was not made by `node_of`.
std::optional<program_id> program_of(const caf::node_id& node);
std::optional<program_id> program_of(std::uint32_t process,
                                     const caf::node_id::default_data::host_id_type& host);

/// CAF gives a system no node id unless caf::io is loaded, and handles without one cannot travel:
/// gives it the program's. Actors that were spawned before keep none.
void name_system(caf::actor_system& system, program_id who);

}  // namespace fabric::actors
