#pragma once

#include <cstdint>
#include <map>

#include "scheduler/tuner/trial.hpp"

namespace fabric::store {

/// Which trial numbers of a study are in use. Holes (a proposal that lost its point to another
/// tuner leaves one) are kept as ranges, so one absurd number in a file does not cost memory.
class taken_numbers {
 public:
  void take(tuner::trial_number number);
  [[nodiscard]] bool is_taken(tuner::trial_number number) const;
  /// One above the highest that was taken.
  [[nodiscard]] tuner::trial_number next() const { return next_; }

 private:
  tuner::trial_number next_ = 0;
  std::map<tuner::trial_number, tuner::trial_number> holes_;  ///< first to one past the last
};

}  // namespace fabric::store
