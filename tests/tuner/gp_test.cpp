#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "scheduler/tuner/samplers/sampler.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

double real(coordinate c) { return std::bit_cast<double>(c); }

/// A GP sampler with its ledger, one trial after the other.
class search {
 public:
  explicit search(const space& over, std::uint64_t seed = 1) : points_(over) {
    sampler_ = make_sampler("gp", {.over = &over, .seed = seed}).value();
  }

  std::optional<point> begin() {
    auto p = sampler_->propose(points_, freedom::only_free);
    if (!p) return p;
    points_.lease(*p, age_);
    sampler_->started(age_++, *p);
    return p;
  }
  void end(const point& p, const outcome& how) { sampler_->ended(age_ - 1, p, how); }
  double least(int trials, const auto& f) {
    double best = 1e300;
    for (int i = 0; i < trials; ++i) {
      const auto p = begin();
      if (!p) break;
      const double loss = f(*p);
      end(*p, {.state = trial_state::complete, .losses = {loss}});
      best = std::min(best, loss);
    }
    return best;
  }

 private:
  ledger points_;
  std::unique_ptr<sampler> sampler_;
  std::uint64_t age_ = 0;
};

TEST(Gp, FindsTheBottomOfAValleyWithFewTrials) {
  const auto s = a_space({"x=float(-5,10)", "y=float(0,15)"});
  // Branin's function; the least value is 0.397887.
  const auto f = [](const point& p) {
    const double x = real(p[0]);
    const double y = real(p[1]);
    const double a = y - 5.1 / (4 * M_PI * M_PI) * x * x + 5 / M_PI * x - 6;
    return a * a + 10 * (1 - 1 / (8 * M_PI)) * std::cos(x) + 10;
  };
  for (std::uint64_t seed = 0; seed < 3; ++seed)
    EXPECT_LT(search(s, seed).least(45, f), 0.45) << seed;
}

TEST(Gp, ReachesEachPointOfAFiniteSpaceAndThenIsDry) {
  const auto s = a_space({"x=int(1,9)", "n=int(1,4,log)", "o=choice(a,b)"});
  search one(s);
  for (std::uint64_t n = 0; n < *s.size(); ++n) {
    const auto p = one.begin();
    ASSERT_TRUE(p && s.contains(*p)) << n;
    one.end(*p, {.state = trial_state::complete, .losses = {static_cast<double>((*p)[0])}});
  }
  EXPECT_FALSE(one.begin());
}

TEST(Gp, KeepsAwayFromRunningTrials) {
  const auto s = a_space({"x=float(0,1)"});
  search one(s);
  one.least(12, [](const point& p) { return std::abs(real(p[0]) - 0.37); });
  std::vector<double> open;
  for (int i = 0; i < 6; ++i) open.push_back(real(one.begin()->front()));
  std::ranges::sort(open);
  for (std::size_t i = 1; i < open.size(); ++i) EXPECT_GT(open[i] - open[i - 1], 1e-5);
}

TEST(Gp, SeesGroundBesideATowerOfLosses) {
  const auto s = a_space({"x=float(0,1)", "y=float(0,1)"});
  const auto f = [](const point& p) {
    const double x = real(p[0]) - 0.2;
    const double y = real(p[1]) - 0.6;
    return x * x + y * y + (real(p[0]) > 0.7 ? 1e9 : 0);
  };
  EXPECT_LT(search(s).least(40, f), 0.003);
}

TEST(Gp, TakesTrialsWithoutAFiniteLossForNothing) {
  const auto s = a_space({"x=float(0,1)"});
  search one(s);
  for (int i = 0; i < 30; ++i) {
    const auto p = one.begin();
    ASSERT_TRUE(p);
    if (i % 3 == 0)
      one.end(*p, {.state = trial_state::fail});
    else if (i % 3 == 1)
      one.end(*p, {.state = trial_state::complete, .losses = {INFINITY}});
    else
      one.end(*p, {.state = trial_state::complete, .losses = {1}});
  }
  EXPECT_TRUE(one.begin());
}

TEST(Gp, MindsConstraintsThatAreNoNumbersOrMany) {
  const auto s = a_space({"x=float(0,1)"});
  for (const auto& never : std::vector<std::vector<double>>{
           {NAN}, {INFINITY, -INFINITY}, {-1, -1, -1, -1, -1, 2}, {0, 1}, {}}) {
    search one(s);
    for (int i = 0; i < 25; ++i) {
      const auto p = one.begin();
      ASSERT_TRUE(p);
      const auto constraints = real(p->front()) > 0.5 ? never : std::vector<double>{-1};
      one.end(*p, {.state = trial_state::complete,
                   .losses = {-real(p->front())},
                   .violation = violation_of(constraints),
                   .constraints = constraints});
    }
  }
}

}  // namespace
}  // namespace fabric::tuner
