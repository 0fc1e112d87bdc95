#pragma once

#include "scheduler/tuner/ledger.hpp"
#include "scheduler/tuner/permutation.hpp"

namespace fabric::tuner {

/// The points of a finite space in a random order, each once (see `permutation`).
class walk {
 public:
  /// Precondition: the space has a size. It must outlive the walk.
  walk(const space& over, std::uint64_t seed) : over_(&over), order_(*over.size(), seed) {}

  /// The next one that is free; nothing after the last.
  std::optional<point> next(const ledger& points) {
    while (walked_ < order_.size()) {
      const auto rank = order_.at(walked_++);
      if (points.is_free(rank)) return over_->at(rank);
    }
    return std::nullopt;
  }

 private:
  const space* over_;
  permutation order_;
  std::uint64_t walked_ = 0;  ///< points that were proposed or found touched
};

}  // namespace fabric::tuner
