#pragma once

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"
#include "scheduler/tuner/samplers/walk.hpp"

namespace fabric::tuner {

/// Points at random: uniform over each range, or over its logarithm where the range says so.
///
/// Among free points only, a finite space without log and conditions is walked in a random order
/// (see `walk`), so each point comes once, the last as cheaply as the first. With a log range, or a
/// condition, points are drawn by their own odds and drawn anew where they are taken; when that
/// fails a few times in a row, the walk gives one; in a space beyond 2^64 points the next free
/// one after a draw comes. A continuous space has no free point left when 1000 draws more than it
/// has touched points are all taken; where its conditions leave branches that can be used up, every
/// other draw is soon made in one that cannot.
class random_sampler final : public sampler {
 public:
  explicit random_sampler(const sampler_setup& how);

  std::optional<point> propose(const ledger& points, freedom among) override;

 private:
  point draw();
  point draw_endless();
  std::optional<point> draw_free(const ledger& points, std::uint64_t tries);
  point free_after(point p, const ledger& points) const;

  const space* over_;
  draws draws_;
  bool uniform_;                      ///< no range is logarithmic, none has a condition
  std::vector<std::size_t> endless_;  ///< continuous parameters, where some have conditions
  std::optional<walk> walk_;          ///< where the space has a size
};

}  // namespace fabric::tuner
