#include "actors/plots/ranking.hpp"

#include <algorithm>

#include "actors/plots/look.hpp"

namespace fabric::plots {

ranking::ranking(std::span<const judged_trial> all) {
  for (const auto& one : all) losses_.push_back(one.loss);
  std::ranges::sort(losses_);
}

double ranking::goodness_of(double loss) const {
  if (losses_.size() < 2 || losses_.front() == losses_.back()) return 1;
  // Equal ones share the middle of their ranks, but all of the best are best.
  const auto first = std::ranges::lower_bound(losses_, loss) - losses_.begin();
  const auto last = std::ranges::upper_bound(losses_, loss) - losses_.begin() - 1;
  if (first == 0) return 1;
  const auto most = static_cast<double>(losses_.size() - 1);
  return 1 - static_cast<double>(first + last) / 2 / most;
}

std::string shade_of(double goodness) {
  return shade(std::clamp(static_cast<int>(goodness * shades), 0, shades - 1));
}

}  // namespace fabric::plots
