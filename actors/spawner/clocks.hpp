#pragma once

#include <ctime>

#include "fabric/instant.hpp"

namespace fabric::spawner {

/// CLOCK_BOOTTIME: goes on while the machine sleeps and never jumps.
inline instant boot_now() {
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return instant{std::chrono::seconds{t.tv_sec} +
                 std::chrono::duration_cast<duration>(std::chrono::nanoseconds{t.tv_nsec})};
}

/// Milliseconds since 1970, for people only.
inline std::int64_t wall_ms() {
  timespec t{};
  ::clock_gettime(CLOCK_REALTIME, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

/// `at + wait`, or `never` where that cannot be represented.
inline instant later(instant at, duration wait) { return wait >= never - at ? never : at + wait; }

}  // namespace fabric::spawner
