#include "scheduler/tuner/best_trials.hpp"

#include <algorithm>
#include <cmath>

#include "scheduler/tuner/samplers/pareto.hpp"

namespace fabric::tuner {

bool best_trials::add(const trial& row) {
  const auto is_finite = [](double value) { return std::isfinite(value); };
  const bool counts =
      row.state == trial_state::complete && row.values.size() == directions_.size() &&
      std::ranges::all_of(row.values, is_finite) && violation_of(row.constraints) == 0;
  if (!counts) return false;
  const bool is_one = directions_.size() == 1;
  auto losses = losses_of(row.values, directions_);
  const auto yields = [&](std::size_t i, const std::vector<double>& to) {
    return dominates(to, losses_[i]);
  };
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (dominates(losses_[i], losses)) return false;
    if (is_one && losses_[i] == losses && all_[i].number < row.number) return false;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (is_one || yields(i, losses)) continue;
    if (kept != i) {
      all_[kept] = std::move(all_[i]);
      losses_[kept] = std::move(losses_[i]);
    }
    ++kept;
  }
  all_.resize(kept);
  losses_.resize(kept);
  const auto at = std::ranges::lower_bound(all_, row.number, {}, &trial::number) - all_.begin();
  all_.insert(all_.begin() + at, row);
  losses_.insert(losses_.begin() + at, std::move(losses));
  return true;
}

const trial* best_trials::one() const {
  return directions_.size() == 1 && !all_.empty() ? &all_.front() : nullptr;
}

}  // namespace fabric::tuner
