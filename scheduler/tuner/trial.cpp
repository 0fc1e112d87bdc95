#include "scheduler/tuner/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace fabric::tuner {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

std::string_view name_of(trial_state s) {
  static constexpr std::array<std::string_view, 5> names = {"RUNNING", "COMPLETE", "PRUNED", "FAIL",
                                                            "WAITING"};
  return names.at(static_cast<std::size_t>(s));
}

std::string_view name_of(direction d) { return d == direction::minimize ? "minimize" : "maximize"; }

std::string words_for(std::span<const direction> directions) {
  std::string words;
  for (const auto each : directions) words.append(words.empty() ? "" : ",").append(name_of(each));
  return words;
}

std::string named(trial_number n) { return "trial " + std::to_string(n); }

std::vector<double> losses_of(std::span<const double> values,
                              std::span<const direction> directions) {
  std::vector<double> losses(values.begin(), values.end());
  for (std::size_t i = 0; i < losses.size(); ++i)
    if (directions[i] == direction::maximize) losses[i] = -losses[i];
  return losses;
}

double violation_of(std::span<const double> constraints) {
  double sum = 0;
  for (const double each : constraints) sum += std::isnan(each) ? infinity : std::max(each, 0.0);
  return sum;
}

}  // namespace fabric::tuner
