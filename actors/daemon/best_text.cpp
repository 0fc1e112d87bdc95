#include "actors/daemon/best_text.hpp"

#include <algorithm>
#include <cmath>

#include "actors/daemon/print.hpp"
#include "actors/daemon/trial_json.hpp"

namespace fabric::daemon {

std::string front_text(const tuner::best_trials& best,
                       const std::vector<tuner::direction>& directions, const tuner::space& over) {
  std::vector<std::string> head = {"TRIAL"};
  for (const auto each : directions)
    head.emplace_back(each == tuner::direction::minimize ? "MINIMIZED" : "MAXIMIZED");
  head.insert(head.end(), {"NODE", "PARAMS"});
  std::vector<std::vector<std::string>> rows = {std::move(head)};
  for (const auto& trial : best.all()) {
    std::vector<std::string> row = {std::to_string(trial.number)};
    for (const double value : trial.values) row.push_back(number_text(value));
    row.insert(row.end(), {trial.node, params_text(trial, over)});
    rows.push_back(std::move(row));
  }
  return table(rows);
}

std::string why_no_best(const std::vector<tuner::trial>& trials) {
  const auto has_value = [](const tuner::trial& row) {
    return row.state == tuner::trial_state::complete && !row.values.empty();
  };
  const auto has_finite_value = [&](const tuner::trial& row) {
    return has_value(row) &&
           std::ranges::all_of(row.values, [](double v) { return std::isfinite(v); });
  };
  if (std::ranges::none_of(trials, has_value)) return "no trial has a value";
  if (std::ranges::none_of(trials, has_finite_value)) return "no trial has a finite value";
  return "no trial is feasible: each violates a constraint";
}

}  // namespace fabric::daemon
