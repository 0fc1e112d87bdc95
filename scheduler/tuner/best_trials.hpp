#pragma once

#include <vector>

#include "scheduler/tuner/trial.hpp"

namespace fabric::tuner {

/// The best of a study's trials: of one objective the one with the best value, the lowest number
/// where several are equal; of several objectives all that no other one dominates, which is what
/// Optuna calls best_trials. Trials that violate a constraint are never among them.
class best_trials {
 public:
  explicit best_trials(std::vector<direction> directions) : directions_(std::move(directions)) {}

  /// Whether the trial is among the best now. Never where it is not COMPLETE with a finite value an
  /// objective. Cost: in proportion to the best there are.
  bool add(const trial& row);

  /// By number.
  [[nodiscard]] const std::vector<trial>& all() const { return all_; }
  /// Of one objective; nothing where there is none. Good until the next `add`.
  [[nodiscard]] const trial* one() const;

 private:
  std::vector<direction> directions_;
  std::vector<trial> all_{};
  std::vector<std::vector<double>> losses_{};  // of each
};

}  // namespace fabric::tuner
