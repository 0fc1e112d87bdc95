#pragma once

#include "scheduler/tuner/samplers/sampler.hpp"

namespace fabric::tuner {

/// Every point of a finite space once, in the order of ranks, whatever may be repeated.
class grid_sampler final : public sampler {
 public:
  /// Precondition: the space has a size.
  explicit grid_sampler(const sampler_setup& how) : over_(how.over), size_(*how.over->size()) {}

  std::optional<point> propose(const ledger& points, freedom among) override;

 private:
  const space* over_;
  std::uint64_t size_;
  std::uint64_t next_ = 0;  ///< every rank below was proposed or found touched
};

}  // namespace fabric::tuner
