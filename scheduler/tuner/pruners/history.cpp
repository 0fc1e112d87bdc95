#include "scheduler/tuner/pruners/history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fabric::tuner {

void history::add(std::int64_t step, double loss) {
  const auto place = std::ranges::lower_bound(entries_, step, {}, &entry::step);
  auto at = entries_.insert(place, {step, loss, loss});
  double best =
      at == entries_.begin() ? std::numeric_limits<double>::quiet_NaN() : std::prev(at)->best;
  for (; at != entries_.end(); ++at) at->best = best = std::fmin(best, at->loss);
}

const history::entry* history::find(std::int64_t step) const {
  const auto at = std::ranges::lower_bound(entries_, step, {}, &entry::step);
  return at == entries_.end() || at->step != step ? nullptr : &*at;
}

void history::forget_from(std::int64_t step) {
  entries_.erase(std::ranges::lower_bound(entries_, step, {}, &entry::step), entries_.end());
}

}  // namespace fabric::tuner
