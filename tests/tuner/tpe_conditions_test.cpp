#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "scheduler/tuner/permutation.hpp"
#include "scheduler/tuner/samplers/normal.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"
#include "scheduler/tuner/samplers/stretch.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

/// The estimator's rules, written down once more without a thought for speed: the density of
/// parameters `of` at `p`, from the points that have them, given what `p` has for `given`.
class plain_density {
 public:
  plain_density(const space& over, std::vector<point> seen) : over_(&over), seen_(std::move(seen)) {
    seen_.emplace_back();  // the prior
  }

  [[nodiscard]] double at(const point& p, const std::vector<std::size_t>& of,
                          const std::vector<std::size_t>& given) const {
    double both = 0;
    double condition = 0;
    for (const auto& kernel : seen_) {
      double share = 1;
      for (const auto i : given) share *= mass(i, kernel, p[i]);
      condition += share;
      for (const auto i : of) share *= mass(i, kernel, p[i]);
      both += share;
    }
    return both / condition;
  }

 private:
  [[nodiscard]] double mass(std::size_t i, const point& kernel, coordinate c) const {
    const auto& parameter = over_->parameters()[i];
    if (is_category(parameter)) {
      const auto choices = static_cast<double>(*parameter.cardinality());
      if (kernel.empty()) return 1 / choices;
      const double even = 1 / static_cast<double>(seen_.size());
      return ((kernel[i] == c ? 1 : 0) + even) / (1 + choices * even);
    }
    const double middle = kernel.empty() ? 0.5 : cell_of(parameter, kernel[i]).middle;
    const double width = kernel.empty() ? 1 : width_of(i, kernel);
    const auto cell = cell_of(parameter, c);
    return normal_mass((cell.low - middle) / width, (cell.high - middle) / width) /
           normal_mass(-middle / width, (1 - middle) / width);
  }

  /// The points have distinct coordinates, or their order would matter.
  [[nodiscard]] double width_of(std::size_t i, const point& kernel) const {
    std::vector<double> all;
    for (const auto& p : seen_)
      if (!p.empty()) all.push_back(cell_of(over_->parameters()[i], p[i]).middle);
    std::ranges::sort(all);
    const double here = cell_of(over_->parameters()[i], kernel[i]).middle;
    const auto at = std::ranges::find(all, here);
    double gap = all.size() == 1 ? std::max(here, 1 - here) : 0;
    if (at != all.begin()) gap = here - at[-1];
    if (at + 1 != all.end()) gap = std::max(gap, at[1] - here);
    return std::clamp(gap, 1 / (static_cast<double>(all.size()) + 2), 1.0);
  }

  const space* over_;
  std::vector<point> seen_;
};

/// Two branches of which one has a number, and a number of both; each finished trial has numbers of
/// its own.
struct history {
  space over = a_space({"opt=choice(adam,sgd)", "m=int(0,29) if opt=sgd", "lr=int(0,29)"});
  std::vector<point> trials;
  std::vector<double> losses;

  explicit history(std::uint64_t seed) {
    draws chance(seed, 7);
    const permutation lrs(30, chance.next());
    const permutation ms(30, chance.next());
    for (std::size_t i = 0; i < 20; ++i) {
      const bool is_sgd = chance.below(3) != 0;
      trials.push_back({is_sgd ? 1U : 0U, is_sgd ? ms.at(i) : inactive, lrs.at(i)});
      losses.push_back(chance.unit());
    }
  }

  /// The best 2 of 20, or the others; only those that have parameter `i`.
  [[nodiscard]] std::vector<point> some(bool good, std::size_t i) const {
    auto sorted = losses;
    std::ranges::sort(sorted);
    std::vector<point> all;
    for (std::size_t t = 0; t < trials.size(); ++t)
      if ((losses[t] <= sorted[1]) == good && trials[t][i] != inactive) all.push_back(trials[t]);
    return all;
  }

  [[nodiscard]] double gain(const point& p, std::vector<std::size_t> of,
                            std::vector<std::size_t> given) const {
    const plain_density likely(over, some(true, of.front()));
    const plain_density unlikely(over, some(false, of.front()));
    return likely.at(p, of, given) / unlikely.at(p, of, given);
  }

  /// The best of all free points: first by what all points have, then by what hangs on it.
  [[nodiscard]] point best(const std::vector<point>& free) const {
    return *std::ranges::max_element(free, {}, [&](const point& p) {
      return std::pair{gain(p, {0, 2}, {}), p[1] == inactive ? 0 : gain(p, {1}, {0, 2})};
    });
  }
};

TEST(TpeWithConditions, WeighsEachGroupByTheTrialsThatHaveIt) {
  int agreed = 0;
  constexpr int worlds = 60;
  for (std::uint64_t seed = 0; seed < worlds; ++seed) {
    const history past(seed);
    ledger points(past.over);
    const auto tpe = make_sampler("tpe", {.over = &past.over, .seed = seed}).value();
    for (std::size_t i = 0; i < past.trials.size(); ++i) {
      points.settle(past.trials[i], i, {{past.losses[i]}});
      tpe->ended(i, past.trials[i], {.state = trial_state::complete, .losses = {past.losses[i]}});
    }
    // So few are free that all are weighed.
    draws chance(seed, 8);
    std::vector<point> free;
    for (std::uint64_t rank = 0; rank < *past.over.size(); ++rank) {
      const auto p = past.over.at(rank);
      if (!points.is_free(p)) continue;
      if (chance.below(60) == 0)
        free.push_back(p);
      else
        points.settle(p, 1000 + rank, {});
    }
    if (tpe->propose(points, freedom::only_free) == past.best(free)) ++agreed;
  }
  // One in eight is chosen parameter by parameter, which is rarely a free point.
  EXPECT_GE(agreed, worlds - 3);
}

TEST(TpeWithConditions, PrefersNoBranchForHavingMoreParameters) {
  const auto s = a_space({"o=choice(a,b)", "x=float(0,1) if o=a", "y0=float(0,1) if o=b",
                          "y1=float(0,1) if o=b", "y2=float(0,1) if o=b", "y3=float(0,1) if o=b",
                          "y4=float(0,1) if o=b", "y5=float(0,1) if o=b"});
  // Both branches come equally low, for all that each does.
  int of_a = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    ledger points(s);
    draws chance(seed, 9);
    const auto tpe = make_sampler("tpe", {.over = &s, .seed = seed}).value();
    for (std::uint64_t age = 0; age < 60; ++age) {
      const auto p = tpe->propose(points, freedom::only_free).value();
      ASSERT_TRUE(s.contains(p));
      of_a += p[0] == 0 ? 1 : 0;
      points.settle(p, age, {{0.0}});
      tpe->ended(age, p, {.state = trial_state::complete, .losses = {chance.unit()}});
    }
  }
  EXPECT_GT(of_a, 180);
  EXPECT_LT(of_a, 420);
}

TEST(TpeWithConditions, FindsTheGoodPlaceOfTheGoodBranch) {
  const auto s = a_space(
      {"o=choice(a,b,c)", "x=float(0,1) if o=a", "y=float(0,1) if o=b", "w=float(0,1) if o=c"});
  int found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    ledger points(s);
    const auto tpe = make_sampler("tpe", {.over = &s, .seed = seed}).value();
    double best = 1;
    for (std::uint64_t age = 0; age < 60; ++age) {
      const auto p = tpe->propose(points, freedom::only_free).value();
      const double u = std::bit_cast<double>(p[1 + p[0]]);
      const double loss = p[0] == 1 ? std::abs(u - 0.3) : 0.3 + std::abs(u - 0.8);
      best = std::min(best, loss);
      points.settle(p, age, {{loss}});
      tpe->ended(age, p, {.state = trial_state::complete, .losses = {loss}});
    }
    found += best < 0.02 ? 1 : 0;
  }
  EXPECT_GE(found, 8);
}

}  // namespace
}  // namespace fabric::tuner
