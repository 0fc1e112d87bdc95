#pragma once

#include <algorithm>

#include "fabric/instant.hpp"

namespace fabric::actors {

/// A token bucket, as the time at which it would be full again (the generic cell rate algorithm,
/// ITU-T I.371): `burst` at once, then one each `interval`. After a restart of the head a thousand
/// nodes greet at once; those beyond the pace are told when to come back. A value.
class pace {
 public:
  pace(duration interval, int burst) : interval_(interval), allowance_(interval * (burst - 1)) {}

  /// 0 where there is room now; else how long to wait for some. Takes room only where it answers 0.
  duration take(instant now) {
    const instant full = std::max(full_at_, now);
    if (full - now > allowance_) return full - now - allowance_;
    full_at_ = full + interval_;
    return duration{0};
  }

 private:
  duration interval_;
  duration allowance_;
  instant full_at_{};
};

}  // namespace fabric::actors
