#include "scheduler/tuner/samplers/cma_es.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

/// The least loss of so many trials, of which `parallel` run at a time.
double least(const space& over, std::uint64_t seed, int trials, std::size_t parallel,
             const auto& f) {
  const auto sampler = make_sampler("cma-es", {.over = &over, .seed = seed}).value();
  ledger points(over);
  std::deque<std::pair<std::uint64_t, point>> open;
  double best = 1e300;
  const auto end_one = [&] {
    const auto [age, p] = open.front();
    open.pop_front();
    points.release(p, {{f(p)}});
    best = std::min(best, f(p));
    sampler->ended(age, p, {.state = trial_state::complete, .losses = {f(p)}});
  };
  for (int i = 0; i < trials; ++i) {
    if (open.size() == parallel) end_one();
    const auto p = sampler->propose(points, freedom::only_free);
    if (!p) break;
    EXPECT_TRUE(over.contains(*p));
    const auto age = static_cast<std::uint64_t>(i);
    points.lease(*p, age);
    sampler->started(age, *p);
    open.emplace_back(age, *p);
  }
  while (!open.empty()) end_one();
  return best;
}

double valley(const point& p) {
  const double x = real(p[0]);
  const double y = real(p[1]);
  return 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x);
}

TEST(CmaEs, FollowsACurvedValley) {
  const auto s = a_space({"x=float(-2,2)", "y=float(-2,2)"});
  std::vector<double> all;
  for (std::uint64_t seed = 0; seed < 9; ++seed) all.push_back(least(s, seed, 400, 1, valley));
  std::ranges::sort(all);
  EXPECT_LT(all[4], 1e-3);
}

TEST(CmaEs, FollowsItWithSixteenWorkersToo) {
  const auto s = a_space({"x=float(-2,2)", "y=float(-2,2)"});
  std::vector<double> all;
  for (std::uint64_t seed = 0; seed < 9; ++seed) all.push_back(least(s, seed, 800, 16, valley));
  std::ranges::sort(all);
  EXPECT_LT(all[4], 0.01);
}

TEST(CmaEs, FindsIntegersAndChoices) {
  const auto s = a_space({"x=int(0,100)", "y=int(1,100000,log)", "o=choice(a,b,c,d)"});
  const auto f = [&](const point& p) {
    const auto y = static_cast<double>(std::get<std::int64_t>(s.value_of(p, 1)));
    return std::abs(static_cast<double>(p[0]) - 73) / 10 + std::abs(std::log(y / 300)) +
           (p[2] == 2 ? 0 : 1);
  };
  int found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    if (least(s, seed, 300, 1, f) < 0.05) ++found;
  EXPECT_GE(found, 7);
}

TEST(CmaEs, ReachesEachPointOfAFiniteSpaceAndThenIsDry) {
  const auto s = a_space({"x=int(1,40)", "o=choice(a,b,c)"});
  const auto sampler = make_sampler("cma-es", {.over = &s, .seed = 1}).value();
  ledger points(s);
  for (std::uint64_t n = 0; n < *s.size(); ++n) {
    const auto p = sampler->propose(points, freedom::only_free);
    ASSERT_TRUE(p && points.is_free(*p));
    points.lease(*p, n);
    sampler->started(n, *p);
    sampler->ended(n, *p, {.state = trial_state::complete, .losses = {real(p->front())}});
  }
  EXPECT_FALSE(sampler->propose(points, freedom::only_free));
}

TEST(CmaEs, StartsAnewWhereItIsStuck) {
  // A wide bowl around the centre, and a narrow, deeper one.
  const auto s = a_space({"x=float(0,1)", "y=float(0,1)"});
  const auto f = [](const point& p) {
    const double wide = std::hypot(real(p[0]) - 0.4, real(p[1]) - 0.4);
    const double deep = std::hypot(real(p[0]) - 0.9, real(p[1]) - 0.9);
    return std::min(1 + wide, 8 * deep);
  };
  int found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    if (least(s, seed, 3000, 1, f) < 0.5) ++found;
  EXPECT_GE(found, 4);  // none ends there by going downhill
}

TEST(CmaEs, LearnsFromTrialsWhoseStartItNeverSaw) {
  const auto s = a_space({"x=float(0,1)", "y=float(0,1)"});
  const auto resumed = make_sampler("cma-es", {.over = &s, .seed = 1}).value();
  ledger points(s);
  draws from(3, 0);
  for (std::uint64_t age = 0; age < 300; ++age) {
    const double x = 0.8 + 0.2 * from.unit();
    const double y = 0.2 * from.unit();
    resumed->ended(age, {std::bit_cast<coordinate>(x), std::bit_cast<coordinate>(y)},
                   {.state = trial_state::complete, .losses = {std::hypot(x - 0.9, y - 0.1)}});
  }
  for (int i = 0; i < 20; ++i) {
    const auto p = resumed->propose(points, freedom::only_free).value();
    EXPECT_LT(std::hypot(real(p[0]) - 0.9, real(p[1]) - 0.1), 0.3);
  }
}

TEST(CmaEs, RefusesWhatItCannotServe) {
  const auto choices = a_space({"o=choice(a,b)"});
  EXPECT_EQ(make_sampler("cma-es", {.over = &choices}).error().detail,
            "the cma-es sampler needs a parameter that is a number");
  const auto s = a_space({"x=float(0,1)"});
  EXPECT_EQ(make_sampler("cma-es", {.over = &s, .objectives = 2}).error().detail,
            "the cma-es sampler serves one objective");
}

}  // namespace
}  // namespace fabric::tuner
