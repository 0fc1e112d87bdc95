#include "scheduler/tuner/samplers/tpe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

/// A sampler with its ledger, and a function that it is to make small.
class search {
 public:
  search(const space& over, std::uint64_t seed) : over_(&over), points_(over) {
    sampler_ = make_sampler("tpe", {.over = &over, .seed = seed}).value();
  }

  std::optional<point> begin() {
    auto p = sampler_->propose(points_, freedom::only_free);
    if (!p) return p;
    points_.lease(*p, age_);
    sampler_->started(age_++, *p);
    return p;
  }
  void end(std::uint64_t age, const point& p, const outcome& how) {
    points_.release(p, {});
    sampler_->ended(age, p, how);
  }
  void end(std::uint64_t age, const point& p, double loss) {
    end(age, p, {.state = trial_state::complete, .losses = {loss}});
  }
  /// The least loss of so many trials, one after the other.
  double least(int trials, const auto& f) {
    double best = 1e300;
    for (int i = 0; i < trials; ++i) {
      const auto age = age_;
      const auto p = begin();
      if (!p) break;
      const double loss = f(*p);
      end(age, *p, loss);
      best = std::min(best, loss);
    }
    return best;
  }
  [[nodiscard]] bool is_free(const point& p) const { return points_.is_free(p); }

 private:
  const space* over_;
  ledger points_;
  std::unique_ptr<sampler> sampler_;
  std::uint64_t age_ = 0;
};

double real(coordinate c) { return std::bit_cast<double>(c); }

double bowl(const point& p) {
  double sum = 0;
  for (const auto c : p) sum += (real(c) - 0.3) * (real(c) - 0.3);
  return sum;
}

TEST(Tpe, GivesTheSamePointsForTheSameCalls) {
  const auto s = a_space({"x=float(0,1)", "o=choice(a,b)", "n=int(1,1000,log)"});
  const auto f = [](const point& p) { return real(p[0]) + static_cast<double>(p[1] + p[2]); };
  search one(s, 7);
  search other(s, 7);
  one.least(60, f);
  other.least(60, f);
  EXPECT_EQ(one.begin(), other.begin());
}

TEST(Tpe, FindsTheBottomOfABowlFasterThanRandomDraws) {
  const auto s = a_space({"x=float(0,1)", "y=float(0,1)", "z=float(0,1)"});
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) sum += search(s, seed).least(100, bowl);
  // A random one of 100 points is expected at (3 / (4 pi 100))^(2/3) * gamma(5/3) = 0.016.
  EXPECT_LT(sum / 10, 0.005);
}

TEST(Tpe, LearnsWhichChoiceIsGood) {
  const auto s = a_space({"x=float(0,1)", "o=choice(a,b,c,d,e,f,g,h)"});
  search one(s, 1);
  int good = 0;
  one.least(60, [&](const point& p) {
    if (p[1] == 5) ++good;
    return p[1] == 5 ? real(p[0]) : 2 + real(p[0]);
  });
  EXPECT_GT(good, 20);  // 7.5 by chance
}

TEST(Tpe, ReachesEachPointOfAFiniteSpaceAndThenIsDry) {
  for (const auto* declaration : {"x=int(1,40)", "x=int(1,3000)"}) {
    const auto s = a_space({declaration, "o=choice(a,b,c)"});
    search one(s, 3);
    for (std::uint64_t n = 0; n < *s.size(); ++n) {
      const auto p = one.begin();
      ASSERT_TRUE(p) << n;
      one.end(n, *p, static_cast<double>(p->front()));
    }
    EXPECT_FALSE(one.begin());
  }
}

TEST(Tpe, FindsTheBestPointOfAGridWithFewEvaluations) {
  const auto s = a_space({"x=int(0,29)", "y=int(0,29)"});
  const auto f = [](const point& p) {
    return std::abs(static_cast<double>(p[0]) - 21) + std::abs(static_cast<double>(p[1]) - 4);
  };
  int found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    if (search(s, seed).least(100, f) == 0) ++found;
  EXPECT_GE(found, 7);  // one in nine by chance
}

TEST(Tpe, DrivesParallelTrialsApart) {
  const auto s = a_space({"x=float(0,1)", "y=float(0,1)"});
  const auto spread = [&](bool is_told) {
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const auto sampler = make_sampler("tpe", {.over = &s, .seed = seed}).value();
      ledger points(s);
      for (std::uint64_t age = 0; age < 30; ++age) {
        const auto p = sampler->propose(points, freedom::only_free).value();
        points.lease(p, age);
        sampler->ended(age, p, {.state = trial_state::complete, .losses = {bowl(p)}});
      }
      std::vector<point> open;
      for (std::uint64_t age = 30; age < 46; ++age) {
        const auto p = sampler->propose(points, freedom::only_free).value();
        points.lease(p, age);
        if (is_told) sampler->started(age, p);
        open.push_back(p);
      }
      for (const auto& a : open)
        for (const auto& b : open)
          sum += std::hypot(real(a[0]) - real(b[0]), real(a[1]) - real(b[1]));
    }
    return sum;
  };
  EXPECT_GT(spread(true), 1.3 * spread(false));
}

TEST(Tpe, TakesFailedTrialsForNothing) {
  const auto s = a_space({"x=float(0,1)"});
  search some(s, 2);
  search none(s, 2);
  for (std::uint64_t age = 0; age < 5; ++age) {
    some.end(age, *some.begin(), {.state = trial_state::fail});
    none.begin();
  }
  EXPECT_EQ(some.begin(), none.begin());
}

/// Two clusters of ten points each; those at 0.8 end in the first way, those at 0.2 in the other.
/// How many of 50 proposals are in the upper half.
int upper_of(const outcome& upper, const outcome& lower) {
  const auto s = a_space({"x=float(0,1)"});
  const auto sampler = make_sampler("tpe", {.over = &s, .seed = 4}).value();
  ledger points(s);
  for (std::uint64_t age = 0; age < 20; ++age) {
    const bool is_upper = age % 2 == 0;
    const double x = (is_upper ? 0.8 : 0.2) + 0.005 * static_cast<double>(age);
    sampler->ended(age, {std::bit_cast<coordinate>(x)}, is_upper ? upper : lower);
  }
  int count = 0;
  for (int i = 0; i < 50; ++i)
    if (real(sampler->propose(points, freedom::only_free)->front()) > 0.5) ++count;
  return count;
}

TEST(Tpe, PrefersCompleteTrialsThenLatePrunedOnesThenFeasibleOnes) {
  const outcome complete{.state = trial_state::complete, .losses = {5}};
  const outcome late{.state = trial_state::pruned, .last_report = outcome::report{9, 7}};
  const outcome early{.state = trial_state::pruned, .last_report = outcome::report{2, 1}};
  const outcome silent{.state = trial_state::pruned};
  const outcome lost{.state = trial_state::complete, .losses = {0}, .violation = 1};
  EXPECT_GT(upper_of(complete, late), 35);
  EXPECT_GT(upper_of(late, early), 35);
  EXPECT_GT(upper_of(early, silent), 35);
  EXPECT_GT(upper_of(silent, lost), 35);
  EXPECT_LT(upper_of(lost, complete), 15);
}

}  // namespace
}  // namespace fabric::tuner
