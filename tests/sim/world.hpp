#pragma once

#include <cstdint>

#include "tests/sim/dice.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/store_model.hpp"
#include "tests/sim/timeline.hpp"
#include "tests/sim/trace.hpp"

namespace fabric::sim {

/// Beats that may be missed before a session counts as lost, on either side.
inline constexpr int silent_beats_max = 3;

/// The figures of one seed's world.
struct climate {
  std::uint64_t seed = 0;
  duration lease{0};
  duration margin{0};
  duration heartbeat{0};
  duration trouble{0};       ///< how long things are broken before all is repaired
  duration kill_longest{0};  ///< from SIGKILL to the end of the last process
  std::uint32_t nodes = 3;
  std::uint32_t jobs = 8;
  std::uint32_t points = 12;
};

/// What everyone in it shares.
struct world {
  world(const climate& c, bool is_verbose)
      : how(c), log(time, is_verbose), net(time, c.seed * 4 + 1) {}

  climate how;
  timeline time;
  trace log;
  oracle judge;
  network net;
  store_model store;
};

}  // namespace fabric::sim
