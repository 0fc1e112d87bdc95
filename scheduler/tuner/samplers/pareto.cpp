#include "scheduler/tuner/samplers/pareto.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace fabric::tuner {

bool dominates(std::span<const double> a, std::span<const double> b) {
  bool is_better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    is_better = is_better || a[i] < b[i];
  }
  return is_better;
}

std::vector<std::size_t> domination_ranks(std::span<const losses> all) {
  // In lexical order no point is dominated by a later one.
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) -> const losses& { return all[i]; });
  std::vector<std::size_t> ranks(all.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      if (dominates(all[order[j]], all[order[i]]))
        ranks[order[i]] = std::max(ranks[order[i]], ranks[order[j]] + 1);
  }
  return ranks;
}

std::vector<double> crowding_distances(std::span<const losses> all) {
  constexpr double endless = std::numeric_limits<double>::infinity();
  std::vector<double> distances(all.size());
  if (all.empty()) return distances;
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t k = 0; k < all.front().size(); ++k) {
    const auto loss = [&](std::size_t i) { return all[i][k]; };
    std::ranges::stable_sort(order, {}, loss);
    const double span = loss(order.back()) - loss(order.front());
    distances[order.front()] = distances[order.back()] = endless;
    for (std::size_t i = 1; i + 1 < order.size(); ++i) {
      const double gap = loss(order[i + 1]) - loss(order[i - 1]);
      // Where a span is infinite, so is each gap that reaches there.
      if (gap > 0) distances[order[i]] += gap < endless ? gap / span : 1;
    }
  }
  return distances;
}

}  // namespace fabric::tuner
