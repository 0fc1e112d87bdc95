#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/tuner/importance.hpp"
#include "scheduler/tuner/trial.hpp"

namespace fabric::plots {

/// A study as it is drawn. What it refers to must outlive it.
struct subject {
  std::string name;
  std::vector<tuner::direction> towards;  ///< of each objective
  const tuner::space* over = nullptr;
  std::span<const tuner::trial> trials;  ///< by number
  std::size_t objective = 0;             ///< the one that plots of a single one are about
};

/// Of a trial that has one for the objective; never NaN.
std::optional<double> value_of(const tuner::trial& row, std::size_t objective);

/// A COMPLETE trial, its value for the subject's objective, and the same with lower for better.
struct judged_trial {
  const tuner::trial* row = nullptr;
  double value = 0;
  double loss = 0;
};
/// By number.
std::vector<judged_trial> judged_trials(const subject& what);

/// Those that violate no constraint: no other is ever the best.
std::vector<judged_trial> feasible_of(std::vector<judged_trial> all);

/// The best feasible one; of equal ones the first. Nothing where there is none.
std::optional<judged_trial> best_of(std::span<const judged_trial> all);

/// Of the feasible trials. Faults: those of `tuner::importances`.
result<std::vector<double>> importances_of(const subject& what);

/// All parameters, the most important first; in the space's order where that cannot be told.
std::vector<std::size_t> by_importance(const subject& what);

/// Where the trial has the parameter.
std::optional<tuner::coordinate> coordinate_of(const tuner::trial& row, std::size_t parameter);

/// The node that evaluated it, also where Optuna's workers noted it as HOST; empty: not known.
std::string node_of(const tuner::trial& row);

/// "trial 7: 0.25" and its parameters, for whoever points at it.
std::string hover_text(const subject& what, const tuner::trial& row);

/// "value", or "objective 1" where there are several.
std::string objective_name(const subject& what, std::size_t objective);

/// Why a plot of values has nothing to show.
std::string no_values(const subject& what);

/// Four significant digits.
std::string short_number(double value);

/// "60 %", "0.7 %".
std::string share_text(double share);

/// "1 trial", "3 trials".
std::string counted(std::size_t count, std::string_view one, std::string_view many);

}  // namespace fabric::plots
