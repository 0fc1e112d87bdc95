#include "scheduler/tuner/pruners/patient.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fabric::tuner {

verdict patient_pruner::judge(const history& its) {
  const auto& all = its.entries();
  if (all.size() < 2 || all.size() - 2 < how_.patience) return verdict::go_on;
  const auto late = all.size() - 1 - static_cast<std::size_t>(how_.patience);
  double best = std::numeric_limits<double>::quiet_NaN();
  for (auto i = late; i < all.size(); ++i) best = std::fmin(best, all[i].loss);
  if (!(all[late - 1].best + how_.delta < best)) return verdict::go_on;
  return wrapped_ ? wrapped_->judge(its) : verdict::stop;
}

void patient_pruner::ended(const history& its, trial_state how, std::optional<double> loss) {
  if (wrapped_) wrapped_->ended(its, how, loss);
}

}  // namespace fabric::tuner
