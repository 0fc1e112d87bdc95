#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace fabric::bench {

/// What a figure is meant to reach: a limit on its ratio to the floor, or on the figure itself.
struct aim {
  enum class measure { ratio, value } of = measure::ratio;
  enum class side { at_least, at_most } is = side::at_least;
  double limit = 0;
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
  std::map<std::string, double> extra;
};

/// Whether the aim is reached; nothing where there is none.
std::optional<bool> is_met(const measurement& m);

void to_json(nlohmann::json& to, const measurement& m);
void from_json(const nlohmann::json& from, measurement& m);

}  // namespace fabric::bench
