#pragma once

#include <map>
#include <utility>
#include <vector>

#include "scheduler/tuner/samplers/evolution.hpp"
#include "scheduler/tuner/samplers/halton.hpp"

namespace fabric::tuner {

/// CMA-ES (see `evolution`) over the numerical parameters, each seen on the unit interval.
///
/// - Results count in the order in which they come, also those of vectors that were drawn before
///   the last move, so parallel workers waste none. Failed trials do not count; pruned ones are
///   worse than all complete ones, and those that violate constraints worse still, the more the
///   worse.
/// - What leaves the box is drawn again a few times and then put onto its border.
/// - A discrete parameter keeps a least deviation, so that its neighbouring values stay in reach
///   (the idea of Hamano et al., "CMA-ES with margin", GECCO 2022, arXiv:2205.13482).
/// - A category has odds of its own that move towards those of the better half of each population
///   (Baluja, "Population-based incremental learning", 1994), and keeps a tenth for all choices.
/// - A parameter that a point leaves out has its number drawn as the others have; the result says
///   nothing about it, so it is not learnt from more than by chance.
/// - Where nothing more is to be gained it starts anew at a random place with twice the population
///   (Auger, Hansen: "A restart CMA-ES with increasing population size", CEC 2005).
///
/// Among free points only, the distribution is drawn from again and wider and wider where points
/// are taken; where a hundred are, a point of a Halton sequence comes.
class cma_es_sampler final : public sampler {
 public:
  /// Preconditions: one objective, a numerical parameter.
  explicit cma_es_sampler(const sampler_setup& how);

  std::optional<point> propose(const ledger& points, freedom among) override;
  void started(std::uint64_t age, const point& where) override;
  void ended(std::uint64_t age, const point& where, const outcome& how) override;

 private:
  /// The odds of a category's choices; they sum to 1.
  struct odds {
    std::size_t parameter;
    std::vector<double> of;
  };
  struct drawn {
    point where;
    evolution::vector x;
    std::size_t start = 0;  // the restart that it belongs to
  };

  [[nodiscard]] drawn draw(double widening);
  [[nodiscard]] evolution::vector draw_inside(double widening);
  evolution::vector middle_of(const point& where);
  void learn_choices();
  void start_anew();

  const space* over_;
  draws draws_;
  halton_sampler evenly_;
  std::vector<std::size_t> numerical_;  // parameters
  std::vector<odds> categories_;
  evolution::vector least_;  // deviations
  evolution search_;
  std::size_t starts_ = 0;
  drawn latest_;
  std::map<std::uint64_t, drawn> open_;                         // by age
  std::vector<std::pair<evolution::worth, point>> population_;  // told since the last move
};

}  // namespace fabric::tuner
