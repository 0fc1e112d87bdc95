#pragma once

#include "scheduler/tuner/samplers/sampler.hpp"
#include "scheduler/tuner/samplers/walk.hpp"

namespace fabric::tuner {

/// Every point of a finite space once, in a random order, whatever may be repeated. Each point is
/// as likely to come next as each other one, so a branch comes as often as it has points. No table:
/// a space of 10^12 points costs what one of ten does.
class brute_force_sampler final : public sampler {
 public:
  /// Precondition: the space has a size.
  explicit brute_force_sampler(const sampler_setup& how) : walk_(*how.over, how.seed) {}

  std::optional<point> propose(const ledger& points, freedom) override {
    return walk_.next(points);
  }

 private:
  walk walk_;
};

}  // namespace fabric::tuner
