#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "bench/harness/measurement.hpp"

namespace fabric::bench {

using timer = std::chrono::steady_clock;

double seconds_since(timer::time_point start);

/// Processor seconds that this thread has used: what computing alone is timed by, since it does not
/// go on while others have the processor.
double thread_seconds();

/// The value that a share `p` of the others does not exceed (nearest rank). Precondition: not
/// empty.
double percentile(std::vector<double> values, double p);
inline double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

/// Repetitions of a figure and of its floor, taken in turn.
struct paired {
  std::vector<double> ours;
  std::vector<double> floor;
};
/// Runs both `repetitions` times, the floor first.
paired take_in_turn(int repetitions, const std::function<double()>& floor,
                    const std::function<double()>& ours);

/// Median, spread, floor and ratio of a measurement.
void fill(measurement& m, const paired& from);
/// Median and spread, without a floor.
void fill(measurement& m, const std::vector<double>& ours);

}  // namespace fabric::bench
