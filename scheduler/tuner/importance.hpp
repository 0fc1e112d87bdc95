#pragma once

#include <span>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// A complete trial as importances see it.
struct judged_point {
  const point* where = nullptr;
  double loss = 0;  ///< lower is better; may be infinite, is a number
};

inline constexpr std::size_t importance_trials_min = 4;

/// How much each parameter tells the best trials from all of them: one share for each parameter, in
/// the space's order; together 1.
///
/// PED-ANOVA (Watanabe, Bansal and Hutter, arXiv:2304.10255): the best tenth, at least ten where
/// that is no more than half, against all trials. Of each parameter alone the densities of both are
/// estimated, and the share goes with the Pearson divergence of the first from the second. Two
/// things are ours. Both densities have the kernel of the best ones, so that one is never the tail
/// of the other. And what trials that were picked at random would differ by on average is taken
/// off, so that a parameter without influence has about none also after few trials.
///
/// A parameter that some points leave out counts as much as the best ones have it. One of a single
/// value has 0. Faults: not_found where nothing can be told: too few trials, equal losses, or no
/// parameter that differs by more than chance.
result<std::vector<double>> importances(const space& over, std::span<const judged_point> seen);

}  // namespace fabric::tuner
