#pragma once

#include "scheduler/tuner/pruners/pruner.hpp"

namespace fabric::tuner {

/// Stops a trial only where the best of its last `patience` + 1 reports is worse, by more than
/// `delta`, than the best one before them; and where it wraps another pruner, only if that one
/// stops it too. The other one is not asked otherwise.
class patient_pruner final : public pruner {
 public:
  struct settings {
    std::uint64_t patience = 0;
    double delta = 0;
  };

  /// Without another one where `wrapped` is empty.
  patient_pruner(settings how, std::unique_ptr<pruner> wrapped)
      : how_(how), wrapped_(std::move(wrapped)) {}

  verdict judge(const history& its) override;
  void ended(const history& its, trial_state how, std::optional<double> loss) override;

 private:
  settings how_;
  std::unique_ptr<pruner> wrapped_;
};

}  // namespace fabric::tuner
