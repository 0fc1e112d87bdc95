#pragma once

#include <caf/fwd.hpp>
#include <memory>

#include "actors/link_router.hpp"
#include "fabric/result.hpp"
#include "transport/poll_loop.hpp"

namespace fabric::actors {

/// What every process of ours has once: a CAF actor system, the thread that owns the sockets, and the
/// router between both. Make it after the spawner is forked: it starts threads.
class runtime {
 public:
  /// `threads`: of CAF's scheduler. Faults: those of poll_loop::start.
  static result<std::unique_ptr<runtime>> start(std::size_t threads);
  ~runtime();

  caf::actor_system& actors();
  transport::poll_loop& loop();
  link_router& router();

 private:
  struct parts;
  explicit runtime(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace fabric::actors
