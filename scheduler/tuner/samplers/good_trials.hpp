#pragma once

#include <span>
#include <vector>

#include "scheduler/tuner/samplers/pareto.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"

namespace fabric::tuner {

/// The best of the finished trials: complete ones by loss, then pruned ones by how far they came
/// and then by their last loss, then those that violate constraints, by how much. Of equal ones the
/// first is better.
///
/// With several objectives complete ones go by domination rank, and within a rank those with more
/// room around them are better (see `crowding_distances`).
class good_trials {
 public:
  explicit good_trials(std::size_t kept_max) : kept_max_(kept_max) {}

  /// A complete or pruned trial; `number` is the caller's name for it and larger than those before.
  /// Cost: `kept_max` with one objective, its square with more.
  void add(std::size_t number, const outcome& how);

  /// The numbers of the best ones, `count` at most, the best first. Precondition: count is not over
  /// `kept_max`.
  [[nodiscard]] std::vector<std::size_t> best(std::size_t count) const;

  struct weighed {
    std::size_t number;
    double weight;
  };
  /// The same for a density, in the order of their numbers. With one objective all weigh 1. With
  /// several, those of the last domination rank that comes in are the ones that dominate most
  /// together (see `widest_subset`), and each weighs a half and half of what it alone dominates, by
  /// that of an average one. (MOTPE: Ozaki et al., "Multiobjective tree-structured Parzen
  /// estimator", JAIR 73, 2022, leaves the first half out: after few trials one or two then have
  /// all the weight.) Each loss counts in shares of its span, and volumes reach to a tenth of it
  /// beyond the worst: units do not matter. Beyond `volume_objectives_max` objectives it is as
  /// `best`. Cost: in microseconds, with 25 of 100 kept, some tens for two objectives, a thousand
  /// for four.
  [[nodiscard]] std::vector<weighed> best_weighed(std::size_t count) const;

  static constexpr std::size_t volume_objectives_max = 4;

 private:
  struct merit {
    enum class kind : std::uint8_t { complete, pruned, infeasible } what = kind::complete;
    double first = 0;  // the less the better, then by `second`
    double second = 0;
    std::size_t number = 0;
    losses all{};  // with several objectives

    [[nodiscard]] bool is_before(const merit& other) const;
  };

  [[nodiscard]] static merit merit_of(std::size_t number, const outcome& how);
  [[nodiscard]] bool is_hopeless(const merit& m) const;
  void rank();
  [[nodiscard]] std::span<const merit> ranked() const;
  [[nodiscard]] std::vector<weighed> widest(std::size_t count) const;

  std::size_t kept_max_;
  std::vector<merit> kept_;  // in order
};

}  // namespace fabric::tuner
