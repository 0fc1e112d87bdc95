#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "bench/harness/measurement.hpp"
#include "bench/harness/raw_echo.hpp"

namespace fabric::bench {

/// The two floors of what goes over sockets: libzmq with CURVE, as we always have it, and without.
/// Make it before anything starts a thread.
struct raw_pair {
  raw_echo plain{false};
  raw_echo curve{true};
};

/// A figure against both floors, measured in turn; two measurements, that with CURVE first. An aim
/// that `m` has is set on both.
struct beside_raw {
  raw_pair& raw;
  int repetitions = 5;
  /// The processes other than this one that take part in ours.
  std::function<std::vector<int>()> others;

  /// Medians of round trips. `ours` answers microseconds of each. How often threads went to sleep
  /// for one stands in `extra`; `prepare` is neither timed nor counted.
  std::vector<measurement> round_trips(measurement m, std::size_t count,
                                       const std::function<void()>& prepare,
                                       const std::function<std::vector<double>()>& ours) const;
  /// Rates of `count` requests with `window` under way.
  std::vector<measurement> rates(measurement m, std::size_t count, std::size_t window,
                                 const std::function<double()>& ours) const;
};

}  // namespace fabric::bench
