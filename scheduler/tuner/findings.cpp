#include "scheduler/tuner/findings.hpp"

namespace fabric::tuner {

findings::place findings::add(const finding& what) {
  if (what.values.empty()) return nowhere;
  numbers_.insert(numbers_.end(), what.values.begin(), what.values.end());
  numbers_.insert(numbers_.end(), what.constraints.begin(), what.constraints.end());
  ends_.push_back(numbers_.size());
  return static_cast<place>(ends_.size());
}

finding findings::at(place where) const {
  if (where == nowhere) return {};
  const auto i = static_cast<std::size_t>(where) - 1;
  const auto from = numbers_.begin() + static_cast<std::ptrdiff_t>(i == 0 ? 0 : ends_[i - 1]);
  const auto to = numbers_.begin() + static_cast<std::ptrdiff_t>(ends_[i]);
  const auto middle = from + static_cast<std::ptrdiff_t>(objectives_);
  return {{from, middle}, {middle, to}};
}

}  // namespace fabric::tuner
