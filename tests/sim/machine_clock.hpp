#pragma once

#include <cstdint>

#include "fabric/instant.hpp"

namespace fabric::sim {

/// CLOCK_BOOTTIME of one machine: an origin of its own, and a rate that is off by some parts per
/// million.
class machine_clock {
 public:
  machine_clock(instant booted, duration reading_at_boot, std::int64_t ppm)
      : booted_(booted), origin_(instant{reading_at_boot}), ppm_(ppm) {}

  [[nodiscard]] instant local(instant truth) const {
    const auto since = (truth - booted_).count();
    return origin_ + duration{since + since * ppm_ / 1'000'000};
  }
  /// The first true time at which this clock shows at least `reading`.
  [[nodiscard]] instant truth_of(instant reading) const {
    if (reading == never) return never;
    const auto since = (reading - origin_).count();
    instant guess = booted_ + duration{since - since * ppm_ / 1'000'000 - 2};
    while (local(guess) < reading) guess += duration{1};
    return guess;
  }

 private:
  instant booted_;
  instant origin_;
  std::int64_t ppm_;
};

}  // namespace fabric::sim
