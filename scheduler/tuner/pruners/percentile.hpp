#pragma once

#include <unordered_map>

#include "scheduler/tuner/pruners/judged_steps.hpp"
#include "scheduler/tuner/pruners/order_split.hpp"
#include "scheduler/tuner/pruners/pruner.hpp"

namespace fabric::tuner {

/// Stops a trial whose best value so far is worse than the percentile of what complete trials had
/// at the same step, as the median stopping rule does (Golovin et al., Google Vizier, 2017). A
/// trial that has reported nothing but NaN is stopped.
///
/// A report costs a look-up. The end of a complete trial costs O(log trials) for each of its steps,
/// and 8 bytes.
class percentile_pruner final : public pruner {
 public:
  struct settings {
    double percentile = 50;     ///< 0 to 100; of the better values: 25 lets the best quarter go on
    std::uint64_t startup = 5;  ///< complete trials before any trial is stopped
    judged_steps when;
    std::uint64_t enough = 1;  ///< complete trials that have the step
  };

  percentile_pruner(settings how, direction towards);

  verdict judge(const history& its) override;
  void ended(const history& its, trial_state how, std::optional<double> loss) override;

 private:
  /// Values that complete trials had at one step.
  struct values_at {
    order_split numbers;
    std::uint64_t reports = 0;  ///< NaN among them
  };

  /// Where the percentile lies among `count` numbers, counted from the smallest.
  [[nodiscard]] double position(std::size_t count) const;

  settings how_;
  double sign_;  ///< a loss times this is the value
  double fraction_;
  std::uint64_t complete_ = 0;
  std::unordered_map<std::int64_t, values_at> steps_;
};

}  // namespace fabric::tuner
