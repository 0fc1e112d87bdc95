#pragma once

#include <cstdint>

#include "fabric/instant.hpp"

/// The only place where the shell reads clocks for the cores.
namespace fabric::actors {

/// CLOCK_BOOTTIME: goes on while the machine sleeps, never jumps.
instant now();

/// Wall clock in milliseconds since 1970, for people and listings only.
std::int64_t wall_ms();

}  // namespace fabric::actors
