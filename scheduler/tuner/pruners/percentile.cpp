#include "scheduler/tuner/pruners/percentile.hpp"

#include <cmath>

namespace fabric::tuner {

namespace {

/// Between two numbers in order, exact at both ends.
double between(double low, double high, double share) {
  const double width = high - low;
  return share < 0.5 ? low + width * share : high - width * (1 - share);
}

}  // namespace

/// Values, not losses, are ranked: so the percentile is rounded as whoever reads the study's file
/// rounds it.
percentile_pruner::percentile_pruner(settings how, direction towards)
    : how_(how),
      sign_(towards == direction::maximize ? -1 : 1),
      fraction_((towards == direction::maximize ? 100 - how.percentile : how.percentile) / 100) {}

double percentile_pruner::position(std::size_t count) const {
  return fraction_ * static_cast<double>(count - 1);
}

verdict percentile_pruner::judge(const history& its) {
  if (complete_ == 0 || complete_ < how_.startup || !how_.when.has(its)) return verdict::go_on;
  const double best = its.last().best;
  if (std::isnan(best)) return verdict::stop;
  const auto found = steps_.find(its.last().step);
  if (found == steps_.end() || found->second.reports < how_.enough) return verdict::go_on;
  const auto& numbers = found->second.numbers;
  if (numbers.size() == 0) return verdict::go_on;
  const double at = position(numbers.size());
  const double share = at - std::floor(at);
  const double limit =
      share > 0 ? between(numbers.below(), numbers.above(), share) : numbers.below();
  return best > sign_ * limit ? verdict::stop : verdict::go_on;
}

void percentile_pruner::ended(const history& its, trial_state how, std::optional<double>) {
  if (how != trial_state::complete) return;
  ++complete_;
  for (const auto& entry : its.entries()) {
    auto& there = steps_[entry.step];
    ++there.reports;
    if (std::isnan(entry.loss)) continue;
    auto& numbers = there.numbers;
    numbers.insert(sign_ * entry.loss);
    numbers.cut_at(static_cast<std::size_t>(position(numbers.size())) + 1);
  }
}

}  // namespace fabric::tuner
