#pragma once

#include <string>

#include "actors/daemon/credentials.hpp"
#include "actors/runtime.hpp"

namespace fabric::daemon {

/// Calls the head with the token's key and asks it to admit `fresh.node`'s key as a worker's.
/// Blocks at most 2 s. Faults: auth_failed (a token of another cluster, or revoked), unreachable,
/// version.
result<void> join(actors::runtime& process, const transport::join_token& token,
                  const node_credentials& fresh, const std::string& name);

/// Only whether the head at HOST:PORT lets the token's key connect. Blocks at most 2 s.
result<void> knock(actors::runtime& process, const transport::join_token& token,
                   const std::string& address);

}  // namespace fabric::daemon
