#pragma once

#include <string>
#include <utility>

#include "actors/head_link.hpp"
#include "fabric/ids.hpp"
#include "fabric/result.hpp"

namespace fabric::actors {

/// What a worker process is told by its environment.
struct worker_environment {
  program_id owner;
  head_address head;  ///< with the key that the owner lent
  attempt_id attempt;
  std::string programs;  ///< folder of the node's copies
  std::string detached;  ///< the packed plan of an actor that is its own owner; else empty
};

inline constexpr const char* worker_variable = "FABRIC_WORKER";
inline constexpr const char* detached_variable = "FABRIC_DETACHED";

/// The owner's part of it, for the command that it submits: one variable.
std::pair<std::string, std::string> worker_variable_of(program_id owner,
                                                       const std::string& server_public_key,
                                                       const transport::key_pair& lent);

/// For a process that is its own owner: what it is to be. Beside the variable above, without owner.
std::pair<std::string, std::string> detached_variable_of(const std::string& plan);

/// True in a worker process.
bool is_worker_process();
/// Faults: config, where the environment is incomplete or damaged.
result<worker_environment> read_worker_environment();
/// Removes what is secret, so that what the program starts does not inherit it.
void clear_worker_environment();

}  // namespace fabric::actors
