#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "fabric/result.hpp"
#include "scheduler/tuner/pruners/history.hpp"
#include "scheduler/tuner/trial.hpp"

namespace fabric::tuner {

enum class verdict : std::uint8_t { go_on, stop };

/// Judges running trials by what they report. One pruner serves one study. It holds no clock and no
/// randomness: the same calls give the same verdicts.
///
/// What is compared follows Optuna's pruners of the same names, so that a study which is continued
/// there is judged alike.
class pruner {
 public:
  virtual ~pruner() = default;

  /// The trial has reported something new. Judged is its last step, which is not always the one
  /// that was reported. Precondition: not empty.
  virtual verdict judge(const history& its) = 0;

  /// The trial is over; `loss` where it is COMPLETE with a value.
  virtual void ended(const history& its, trial_state how, std::optional<double> loss);
};

struct pruner_setup {
  std::string_view study;  ///< its name; need not outlive the call
  direction towards = direction::minimize;
};

/// Names for `--pruner`, sorted.
std::span<const std::string_view> pruners();

/// "none", "median", "asha:factor=3,min=1", "patient:patience=5,of=median:startup=3": a name, and
/// settings that differ from their defaults. docs/tuning.md lists them. "none" gives no pruner.
/// Faults: usage, naming what is wrong.
result<std::unique_ptr<pruner>> make_pruner(std::string_view text, const pruner_setup& how);

}  // namespace fabric::tuner
