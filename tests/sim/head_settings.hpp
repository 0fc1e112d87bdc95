#pragma once

#include "scheduler/engine.hpp"
#include "tests/sim/world.hpp"

namespace fabric::sim {

inline scheduler::settings settings_of(const climate& c) {
  scheduler::settings how;
  how.lease = c.lease;
  how.margin = c.margin;
  how.heartbeat = c.heartbeat;
  how.cancel_grace = std::chrono::seconds{2};
  how.seed = c.seed;
  return how;
}

}  // namespace fabric::sim
