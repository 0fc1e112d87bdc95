#pragma once

#include "scheduler/tuner/pruners/judged_steps.hpp"
#include "scheduler/tuner/pruners/pruner.hpp"

namespace fabric::tuner {

/// Stops a trial whose last value is below `lower`, above `upper` or no number.
class threshold_pruner final : public pruner {
 public:
  struct settings {
    std::optional<double> lower;
    std::optional<double> upper;
    judged_steps when;
  };

  threshold_pruner(settings how, direction towards);

  verdict judge(const history& its) override;

 private:
  settings how_;
  double sign_;  ///< a loss times this is the value
};

}  // namespace fabric::tuner
