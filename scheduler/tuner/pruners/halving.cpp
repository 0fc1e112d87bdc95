#include "scheduler/tuner/pruners/halving.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fabric::tuner {

std::int64_t halving_pruner::step_of(std::size_t rung) const {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  std::int64_t step = *how_.least;
  for (auto left = static_cast<std::size_t>(how_.early) + rung; left > 0 && step < most; --left)
    step = step > most / how_.factor ? most : step * how_.factor;
  return step;
}

bool halving_pruner::passes(std::size_t rung, double loss) {
  if (rungs_.size() <= rung) rungs_.resize(rung + 1);
  auto& there = rungs_[rung];
  there.insert(loss);
  const auto factor = static_cast<std::size_t>(how_.factor);
  there.cut_at(std::max<std::size_t>(there.size() / factor, 1));
  if (how_.bootstrap > 0 && there.size() <= how_.bootstrap) return false;
  return loss <= there.below();
}

verdict halving_pruner::judge(const history& its) {
  if (!how_.least) {
    if (longest_ < 0) return verdict::go_on;
    how_.least = std::max<std::int64_t>(longest_ / 100, 1);
  }
  const auto [step, loss, best] = its.last();
  // A trial that has come far at once is judged at each rung on its way.
  auto rung = reached_.contains(its.number()) ? reached_.at(its.number()) : 0;
  for (; step >= step_of(rung); reached_[its.number()] = ++rung)
    if (std::isnan(loss) || !passes(rung, loss)) return verdict::stop;
  return verdict::go_on;
}

void halving_pruner::ended(const history& its, trial_state how, std::optional<double>) {
  reached_.erase(its.number());
  if (how == trial_state::complete && !its.empty()) longest_ = std::max(longest_, its.last().step);
}

}  // namespace fabric::tuner
