#include "scheduler/tuner/samplers/grid.hpp"

namespace fabric::tuner {

std::optional<point> grid_sampler::propose(const ledger& points, freedom) {
  while (next_ < size_ && !points.is_free(next_)) ++next_;
  if (next_ == size_) return std::nullopt;
  return over_->at(next_++);
}

}  // namespace fabric::tuner
