#pragma once

#include <map>

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/samplers/gaussian_process.hpp"
#include "scheduler/tuner/samplers/good_trials.hpp"
#include "scheduler/tuner/samplers/halton.hpp"
#include "scheduler/tuner/samplers/past_trials.hpp"

namespace fabric::tuner {

/// Bayesian optimisation for small budgets: a Gaussian process of the losses (see
/// `gaussian_process`), and the point with the most expected improvement (Jones et al. 1998), in
/// logarithms. Each numerical parameter is seen on the unit interval (see `stretched`). One that a
/// point leaves out is seen in the middle, a category as a choice that nothing else has: points
/// that leave it out are alike in it.
///
/// It learns from 160 trials at most, the best half of them and the latest, so a point costs the
/// same from there on: milliseconds. Losses above the median are drawn in logarithmically, so that
/// a few huge ones do not hide the rest. Running trials count as if they had come out as expected.
/// Trials without a finite loss say nothing.
///
/// Each constraint has a process of its own, and the improvement counts by the probability that all
/// are met (Gardner et al., "Bayesian optimization with inequality constraints", ICML 2014). Where
/// nothing feasible is known that probability alone counts. Of more than four constraints the one
/// that is highest at a point stands for all. Their values are drawn in on both sides of 0.
///
/// The expected improvement is weighed at points spread over the space and around the best trials,
/// and from the best of those it is climbed, among free points only where that is asked. Where
/// none is found, and for the first ten, a point of a Halton sequence comes.
class gp_sampler final : public sampler {
 public:
  /// Precondition: one objective.
  explicit gp_sampler(const sampler_setup& how);

  std::optional<point> propose(const ledger& points, freedom among) override;
  void started(std::uint64_t age, const point& where) override;
  void ended(std::uint64_t age, const point& where, const outcome& how) override;

 private:
  struct found {
    point where;
    double gain;
  };

  /// One constraint's process, and what of its values is still met.
  struct limit {
    gaussian_process model;
    double highest = 0;
  };

  [[nodiscard]] std::vector<std::size_t> learnt() const;
  [[nodiscard]] gaussian_process::matrix columns(const std::vector<std::size_t>& from) const;
  void learn(const std::vector<std::size_t>& from);
  void learn_limits(const std::vector<std::size_t>& from);
  [[nodiscard]] double gain(const point& p) const;
  [[nodiscard]] gaussian_process::vector seen(std::span<const coordinate> where) const;
  /// `where` with some of its parameters moved by about `width` of their ranges.
  point moved(std::span<const coordinate> where, double width);
  point anywhere();
  std::vector<found> weighed(const ledger& points, freedom among);
  void climb(found& from, const ledger& points, freedom among);

  const space* over_;
  draws draws_;
  halton_sampler evenly_;
  past_trials past_;
  std::vector<double> losses_;  // of the past trials
  std::vector<std::vector<double>> constraints_;
  good_trials best_;
  std::map<std::uint64_t, point> running_;  // by age
  gaussian_process model_;
  std::vector<limit> limits_;
  std::optional<double> least_;  // of the feasible losses, as the model has them
};

}  // namespace fabric::tuner
