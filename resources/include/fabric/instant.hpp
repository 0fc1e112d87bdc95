#pragma once

#include <chrono>
#include <cstdint>

namespace fabric {

/// The clock of the pure cores. It has no `now()`: time enters a core as an argument only, and
/// code in a core that tries to read a clock does not compile. The shell fills instants from
/// CLOCK_BOOTTIME of its own machine; instants of two machines are never compared.
struct fabric_clock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<fabric_clock>;
  static constexpr bool is_steady = true;
};

using instant = fabric_clock::time_point;
using duration = fabric_clock::duration;

/// Later than every instant that can occur.
inline constexpr instant never = instant::max();

}  // namespace fabric
