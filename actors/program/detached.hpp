#pragma once

#include <cstdint>
#include <string>

#include "actors/api/actor_host.hpp"
#include "actors/program/worker_environment.hpp"
#include "fabric/actor.hpp"

namespace fabric::actors {

/// What a process is told that is to be a detached actor: the home and the owner of it in one.
struct detached_plan {
  std::string name, name_space;
  std::string home;  ///< told from other bearers of the name by this
  std::string class_name;
  std::string arguments;
  std::uint32_t restarts_most = 0;
  std::int64_t restarts_within_us = 60'000'000;
  bool ends_on_exception = false;
  std::uint32_t pending_max = 1000;
  std::uint32_t concurrency = 1;
  std::uint32_t checkpoint_every = 1;
};
FABRIC_PACK(detached_plan, name, name_space, home, class_name, arguments, restarts_most,
            restarts_within_us, ends_on_exception, pending_max, concurrency, checkpoint_every);

detached_plan plan_of(const detail::actor_birth& how, const actor_options& terms, std::string home);

/// Is the actor until it is gone for good. Answers the exit status.
int serve_as_detached(const worker_environment& who);

}  // namespace fabric::actors
