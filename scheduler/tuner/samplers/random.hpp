#pragma once

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/permutation.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"

namespace fabric::tuner {

/// Points at random: uniform over each range, or over its logarithm where the range says so.
///
/// Among free points only, a finite space without log is walked in a random order (see
/// `permutation`), so each point comes once, the last as cheaply as the first. With a log range,
/// points are drawn by their own odds and drawn anew where they are taken; when that fails a few
/// times in a row, the walk gives one. A space beyond 2^64 points gives the next free one after the
/// draw. A continuous space has no free point left when 1000 draws more than it has touched points
/// are all taken.
class random_sampler final : public sampler {
 public:
  explicit random_sampler(const sampler_setup& how);

  std::optional<point> propose(const ledger& points, freedom among) override;

 private:
  point draw();
  std::optional<point> walk(const ledger& points);
  std::optional<point> draw_free(const ledger& points, std::uint64_t tries);
  point free_after(point p, const ledger& points) const;

  const space* over_;
  draws draws_;
  bool uniform_;                      ///< no range is logarithmic
  std::optional<permutation> order_;  ///< where the space has a size
  std::uint64_t walked_ = 0;          ///< members of `order_` that were proposed or found touched
};

}  // namespace fabric::tuner
