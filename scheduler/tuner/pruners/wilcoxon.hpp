#pragma once

#include <vector>

#include "scheduler/tuner/pruners/pruner.hpp"

namespace fabric::tuner {

/// The chance that differences which are as often and as far below zero as above it come out as
/// high as these, by the signed-rank test (Wilcoxon, Biometrics Bulletin 1, 1945). Differences of
/// zero are ranked too, half of their ranks for either side. Exact for up to 50 differences without
/// zeros and ties, otherwise by the normal approximation with the correction for ties.
/// Precondition: no NaN, not empty.
double signed_rank_p(const std::vector<double>& differences);

/// Stops a trial that is, step for step, significantly worse than the best complete one, but not
/// one whose mean is better than the best one's. For objectives whose steps are alike: folds or
/// instances, not epochs. Reports that are no number, and steps that the best one lacks, count for
/// nothing.
///
/// A report costs O(k log k) for the k steps of the trial.
class wilcoxon_pruner final : public pruner {
 public:
  struct settings {
    double p = 0.1;             ///< below this a trial is stopped
    std::uint64_t startup = 2;  ///< common steps before it is
  };

  explicit wilcoxon_pruner(settings how) : how_(how) {}

  verdict judge(const history& its) override;
  void ended(const history& its, trial_state how, std::optional<double> loss) override;

 private:
  settings how_;
  std::optional<double> best_loss_;
  history best_{0};
};

}  // namespace fabric::tuner
