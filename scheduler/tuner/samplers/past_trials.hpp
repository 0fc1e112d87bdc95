#pragma once

#include <span>
#include <vector>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// The points of finished trials, by number from 0 in the order in which they ended: 8 bytes a
/// parameter.
class past_trials {
 public:
  explicit past_trials(std::size_t parameters) : parameters_(parameters) {}

  void add(const point& where) { all_.insert(all_.end(), where.begin(), where.end()); }
  [[nodiscard]] std::size_t size() const { return all_.size() / parameters_; }
  /// Good until the next `add`.
  [[nodiscard]] std::span<const coordinate> at(std::size_t number) const {
    return std::span(all_).subspan(number * parameters_, parameters_);
  }

 private:
  std::size_t parameters_;
  std::vector<coordinate> all_;
};

}  // namespace fabric::tuner
