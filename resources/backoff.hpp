#pragma once

#include <cstdint>

#include "fabric/instant.hpp"

namespace fabric {

/// Waits between tries: `first`, doubled each time, at most `longest`, with full jitter over the
/// upper half, so that many peers that failed together do not return together.
struct backoff_policy {
  duration first = std::chrono::milliseconds{200};
  duration longest = std::chrono::seconds{5};

  bool operator==(const backoff_policy&) const = default;
};

/// The wait before try number `tries_made + 1`; `tries_made` counts from 1 (0 is taken as 1).
/// Deterministic in (`policy`, `tries_made`, `seed`). At least half of the wait without
/// jitter, at most all of it.
duration wait_before_retry(const backoff_policy& policy, std::uint32_t tries_made,
                           std::uint64_t seed);

}  // namespace fabric
