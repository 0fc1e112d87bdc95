#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace fabric::bench {

/// What a figure is meant to reach: a limit on its ratio to the floor, or on the figure itself.
struct aim {
  enum class measure { ratio, value } of = measure::ratio;
  enum class side { at_least, at_most } is = side::at_least;
  double limit = 0;
};

/// What another system is said to reach, on the machine of whoever said so: it tells the order of
/// magnitude, nothing finer.
struct published_figure {
  std::string system;
  double value = 0;  ///< in the unit of the figure that it stands beside
  std::string unit;
  std::string machine;
  std::string source;
};

/// A place on a curve: the figures of a case that have the same `line` and differ in `x` only.
struct curve_point {
  std::string line;
  std::string along;  ///< what `x` counts, as in "clients"
  double x = 0;
};

/// One figure of one case.
struct measurement {
  std::string case_name;
  std::string figure;  ///< what was measured, as in "round trip p50"
  std::string unit;    ///< "us", "tasks/s", ...
  double value = 0;    ///< the median of the repetitions; a percentile where `figure` says so
  double lowest = 0;   ///< of the repetitions
  double highest = 0;
  std::optional<double> p99;  ///< of single operations, where these were timed
  std::string p99_unit;
  /// The same work at its cheapest, measured in the same run; nothing where there is none.
  std::optional<double> floor;
  std::string floor_name;
  /// Figure by floor: the median over pairs of neighbouring repetitions, because what else the
  /// machine does hits both sides of a pair alike.
  std::optional<double> ratio;
  std::optional<aim> wanted;
  std::optional<published_figure> published;
  std::optional<curve_point> point;
  std::map<std::string, double> extra;
};

void append(std::vector<measurement>& to, const std::vector<measurement>& more);

/// Whether the aim is reached; nothing where there is none.
std::optional<bool> is_met(const measurement& m);

/// Of times and sizes; of rates more is better.
bool less_is_better(const measurement& m);

/// Three or four figures that count: 0.123, 12.3, 1,234, 56,789.
std::string number_text(double value);

void to_json(nlohmann::json& to, const measurement& m);
void from_json(const nlohmann::json& from, measurement& m);

}  // namespace fabric::bench
