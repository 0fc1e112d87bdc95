#pragma once

#include "scheduler/tuner/samplers/pareto.hpp"

/// How much points with several losses dominate.
namespace fabric::tuner {

/// The volume of what the points dominate and is itself below `reference` in each loss. What a
/// point has above `reference` counts as at it. By exclusive volumes (While, Bradstreet, Barone: "A
/// fast way of calculating exact hypervolumes", IEEE TEC 16, 2012): n log n with two losses, with
/// more at worst exponential in their number.
double hypervolume(std::span<const losses> all, const losses& reference);

/// What of it is lost without `one`, which is not among `others`.
double exclusive_volume(const losses& one, std::span<const losses> others, const losses& reference);

/// `count` of the points, or all, that dominate much together: one after the other, each the one
/// that adds most to those before it; of equal ones the first. What they dominate is at least
/// 1 - 1/e of the most that so many can (Guerreiro, Fonseca, Paquete: "Greedy hypervolume subset
/// selection in low dimensions", Evolutionary Computation 24, 2016). As MOTPE chooses among trials
/// of one rank (Ozaki et al., GECCO 2020).
std::vector<std::size_t> widest_subset(std::span<const losses> all, std::size_t count,
                                       const losses& reference);

}  // namespace fabric::tuner
