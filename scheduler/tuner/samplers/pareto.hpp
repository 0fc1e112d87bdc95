#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Points with several losses, each to be minimised.
namespace fabric::tuner {

using losses = std::vector<double>;

/// `a` is nowhere worse than `b` and somewhere better. Both have as many losses.
bool dominates(std::span<const double> a, std::span<const double> b);

/// 0 for those that none dominates, 1 for those that only such dominate, and so on (Deb et al., "A
/// fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE TEC 6, 2002). Cost: n^2.
std::vector<std::size_t> domination_ranks(std::span<const losses> all);

/// How far each point's neighbours are from each other, summed over the losses, each loss in shares
/// of its span; infinite at the ends (NSGA-II, as above). Meant for points of one rank.
std::vector<double> crowding_distances(std::span<const losses> all);

}  // namespace fabric::tuner
