#pragma once

#include <algorithm>
#include <set>

#include "scheduler/tuner/trial.hpp"

namespace fabric::tuner {

/// The numbers of a study's trials: each is given once, from 0 on, the lowest one that is free.
class trial_numbers {
 public:
  trial_number take() {
    if (returned_.empty()) return next_++;
    return returned_.extract(returned_.begin()).value();
  }

  /// A trial of this number was never stored.
  void give_back(trial_number n) { returned_.insert(n); }

  /// The number is in use in the store.
  void skip(trial_number n) {
    next_ = std::max(next_, n + 1);
    returned_.erase(n);
  }

  [[nodiscard]] bool is_known(trial_number n) const { return n < next_ && !returned_.contains(n); }
  [[nodiscard]] trial_number next() const { return next_; }

 private:
  trial_number next_ = 0;
  std::set<trial_number> returned_;
};

}  // namespace fabric::tuner
