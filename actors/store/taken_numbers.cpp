#include "actors/store/taken_numbers.hpp"

#include <iterator>

namespace fabric::store {

void taken_numbers::take(tuner::trial_number number) {
  if (number >= next_) {
    if (number > next_) holes_.emplace(next_, number);
    next_ = number + 1;
    return;
  }
  auto hole = holes_.upper_bound(number);
  if (hole == holes_.begin()) return;
  hole = std::prev(hole);
  const auto [first, end] = *hole;
  if (number >= end) return;
  holes_.erase(hole);
  if (first < number) holes_.emplace(first, number);
  if (number + 1 < end) holes_.emplace(number + 1, end);
}

bool taken_numbers::is_taken(tuner::trial_number number) const {
  if (number >= next_) return false;
  const auto hole = holes_.upper_bound(number);
  return hole == holes_.begin() || number >= std::prev(hole)->second;
}

}  // namespace fabric::store
