#pragma once

#include <map>
#include <vector>

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/samplers/good_trials.hpp"
#include "scheduler/tuner/samplers/halton.hpp"
#include "scheduler/tuner/samplers/parzen.hpp"
#include "scheduler/tuner/samplers/past_trials.hpp"

namespace fabric::tuner {

/// The tree-structured Parzen estimator (Bergstra et al., "Algorithms for hyper-parameter
/// optimization", NIPS 2011; Watanabe, arXiv:2304.11127), over all parameters jointly: points are
/// drawn from a density of the good trials, and the one is taken where that density exceeds the
/// density of the others most. One point in eight is chosen parameter by parameter instead, so that
/// a choice which all good points happen to share is left behind.
///
/// Good is the best tenth of the finished trials, 25 at most: complete ones by loss, then pruned
/// ones by how far they came, then those that violate constraints. Failed trials say nothing.
/// Trials that run count among the others, so parallel workers are driven apart.
///
/// The cost of a proposal does not grow with the trials: beyond 25 recent ones the others are a
/// sample, where older trials count less, down to nothing for the first. It grows in proportion to
/// the parameters. Memory: 8 bytes a parameter and finished trial.
///
/// Among free points only, drawn points that are taken are passed over; a small space that is
/// crowded is weighed point by point. The first trials, and one where all drawn are taken, come
/// from a Halton sequence.
class tpe_sampler final : public sampler {
 public:
  explicit tpe_sampler(const sampler_setup& how);

  std::optional<point> propose(const ledger& points, freedom among) override;
  void started(std::uint64_t age, const point& where) override;
  void ended(std::uint64_t age, const point& where, const outcome& how) override;

 private:
  [[nodiscard]] std::vector<observation> observed(const std::vector<std::size_t>& good) const;
  [[nodiscard]] std::vector<observation> others(const std::vector<std::size_t>& good);
  point separately(parzen& likely, parzen& unlikely);
  std::vector<point> candidates(const parzen& from, const ledger& points, freedom among);
  [[nodiscard]] std::vector<point> all_free(const ledger& points) const;

  const space* over_;
  draws draws_;
  halton_sampler evenly_;
  past_trials past_;
  good_trials best_;
  std::map<std::uint64_t, point> running_;  // by age
};

}  // namespace fabric::tuner
