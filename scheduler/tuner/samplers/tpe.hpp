#pragma once

#include <map>
#include <vector>

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/samplers/good_trials.hpp"
#include "scheduler/tuner/samplers/halton.hpp"
#include "scheduler/tuner/samplers/parameter_groups.hpp"
#include "scheduler/tuner/samplers/parzen.hpp"
#include "scheduler/tuner/samplers/past_trials.hpp"

namespace fabric::tuner {

/// The tree-structured Parzen estimator (Bergstra et al., "Algorithms for hyper-parameter
/// optimization", NIPS 2011; Watanabe, arXiv:2304.11127), over all parameters jointly: points are
/// drawn from a density of the good trials, and the one is taken where that density exceeds the
/// density of the others most. One point in eight is chosen parameter by parameter instead, so that
/// a choice which all good points happen to share is left behind.
///
/// Where parameters have conditions, those with the same one are a group (see `parameter_group`).
/// Groups are chosen one after the other, each from the trials that have it alone, and given what
/// was chosen for the groups that it hangs on: trials that leave it out say nothing about it, and a
/// branch gains nothing by having more parameters. With conditions left out that is one group, and
/// without the "given" it is what Optuna calls group=True.
///
/// Good is the best tenth of the finished trials, 25 at most: complete ones by loss, then pruned
/// ones by how far they came, then those that violate constraints. Failed trials say nothing.
/// Trials that run count among the others, so parallel workers are driven apart.
///
/// With several objectives the good ones are chosen from the first hundred by domination rank and
/// crowding, and count by the volume that they dominate (see `good_trials::best_weighed`).
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
  /// Of one group.
  struct densities {
    parzen likely;
    parzen unlikely;

    void suppose(const point& p);
    [[nodiscard]] double gain(const point& p);
  };
  /// One proposal in the making.
  struct proposal {
    const ledger* points;
    freedom among;
    std::vector<observation> good;
    std::vector<observation> others;
    std::vector<std::optional<densities>> models;  // by group, once they are asked for
    std::size_t extensions_left;
    bool is_crowded = false;  // of what was drawn too much is taken

    [[nodiscard]] bool may_be(const point& p) const;
  };

  [[nodiscard]] std::vector<observation> observed(
      const std::vector<good_trials::weighed>& good) const;
  [[nodiscard]] std::vector<observation> others(const std::vector<good_trials::weighed>& good);
  densities& model(proposal& in, std::size_t group) const;
  [[nodiscard]] std::size_t next_group(const point& p, std::size_t from) const;
  point separately(proposal& in);
  std::optional<point> extended(const point& from, std::size_t group, proposal& in);
  std::optional<point> best_of(std::vector<point> all, proposal& in) const;
  [[nodiscard]] std::vector<point> all_free(const ledger& points) const;

  const space* over_;
  std::vector<parameter_group> groups_;
  draws draws_;
  halton_sampler evenly_;
  past_trials past_;
  good_trials best_;
  std::map<std::uint64_t, point> running_;  // by age
};

}  // namespace fabric::tuner
