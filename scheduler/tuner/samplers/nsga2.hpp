#pragma once

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/samplers/good_trials.hpp"
#include "scheduler/tuner/samplers/halton.hpp"
#include "scheduler/tuner/samplers/past_trials.hpp"

namespace fabric::tuner {

/// The genetic algorithm NSGA-II (Deb et al., IEEE TEC 6, 2002), for several objectives: of all
/// finished trials the best 50 by domination rank and crowding are parents (see `good_trials`),
/// chosen by binary tournaments, crossed and mutated.
///
/// Numbers are crossed by simulated binary crossover with index 20 and mutated polynomially with
/// index 20 on the unit interval (see `stretched`), categories are swapped and drawn anew, all with
/// the paper's probabilities: 0.9 for a crossing, 1 over the number of parameters for a mutation.
///
/// A parameter that one parent leaves out comes from the other, and is drawn where both do.
///
/// There are no generations: each result counts from the next proposal on, so parallel workers
/// never wait (the steady state of Durillo et al., "On the effect of the steady-state selection
/// scheme in multi-objective genetic algorithms", EMO 2009).
///
/// Among free points only, a child that is taken has one more parameter drawn anew, again and
/// again; after 30 such a point of a Halton sequence comes, as do the first 20.
class nsga2_sampler final : public sampler {
 public:
  explicit nsga2_sampler(const sampler_setup& how);

  std::optional<point> propose(const ledger& points, freedom among) override;
  void ended(std::uint64_t age, const point& where, const outcome& how) override;

 private:
  [[nodiscard]] std::size_t winner(const std::vector<std::size_t>& parents);
  point child(std::span<const coordinate> a, std::span<const coordinate> b);
  coordinate crossed(const parameter& p, coordinate a, coordinate b);
  coordinate mutated(const parameter& p, coordinate c);

  const space* over_;
  draws draws_;
  halton_sampler evenly_;
  past_trials past_;
  good_trials parents_;
};

}  // namespace fabric::tuner
