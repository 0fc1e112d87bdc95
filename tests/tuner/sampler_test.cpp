#include "scheduler/tuner/samplers/sampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <string>

#include "tests/tuner/conditional_spaces.hpp"

namespace fabric::tuner {
namespace {

std::unique_ptr<sampler> a_sampler(std::string_view name, const space& over,
                                   std::uint64_t seed = 0) {
  return make_sampler(name, {&over, seed, 0}).value();
}

/// Takes free points until there are none, and answers how many.
std::uint64_t take_all(sampler& from, ledger& points) {
  std::uint64_t taken = 0;
  while (const auto p = from.propose(points, freedom::only_free)) {
    EXPECT_TRUE(points.is_free(*p));
    points.lease(*p, taken++);
  }
  EXPECT_FALSE(from.propose(points, freedom::only_free));
  return taken;
}

TEST(Samplers, AreListedByNameAndAllCanBeMade) {
  const auto s = a_space({"x=int(1,3)"});
  EXPECT_TRUE(std::ranges::is_sorted(samplers()));
  for (const auto name : samplers()) EXPECT_TRUE(make_sampler(name, {&s, 0, 0})) << name;
}

TEST(Samplers, TakeEveryPointOfAConditionalSpaceOnce) {
  draws chance(7, 0);
  for (int i = 0; i < 10; ++i) {
    const auto s = a_conditional_space(chance);
    for (const auto name : samplers()) {
      auto made = make_sampler(name, {&s, chance.next(), 0});
      if (!made) continue;
      ledger points(s);
      trial_number taken = 0;
      while (const auto p = (*made)->propose(points, freedom::only_free)) {
        ASSERT_TRUE(s.contains(*p) && points.is_free(*p)) << name;
        points.lease(*p, taken);
        (*made)->started(taken, *p);
        points.release(*p, {{0.0}});
        (*made)->ended(taken++, *p, {.state = trial_state::complete, .losses = {chance.unit()}});
      }
      EXPECT_EQ(taken, *s.size()) << name;
    }
  }
}

TEST(GridSampler, GoesInTheOrderOfRanksPastPointsThatAreTouched) {
  const auto s = a_space({"x=int(0,9)"});
  ledger points(s);
  points.settle({0}, 0, {{1.0}});
  points.lease({2}, 1);
  const auto grid = a_sampler("grid", s);
  for (const coordinate expected : {1, 3, 4})
    EXPECT_EQ(grid->propose(points, freedom::only_free), point{expected});
  EXPECT_EQ(take_all(*grid, points), 5u);
}

TEST(BruteForceSampler, TakesHugeSpacesInARandomOrderWithoutATable) {
  const auto s = a_space(
      {"o=choice(a,b)", "n=int(1,1000000) if o=b", "m=int(1,2000000) if n>=500001", "k=int(0,1)"});
  ASSERT_GT(*s.size(), 1'000'000'000'000U);
  ledger points(s);
  const auto brute = a_sampler("brute-force", s, 1);
  std::uint64_t upper = 0;
  for (trial_number n = 0; n < 10'000; ++n) {
    const auto p = brute->propose(points, n % 2 == 0 ? freedom::any : freedom::only_free).value();
    ASSERT_TRUE(s.contains(p) && points.is_free(p));
    upper += s.rank_of(p) >= *s.size() / 2 ? 1U : 0U;
    points.lease(p, n);
  }
  EXPECT_NEAR(static_cast<double>(upper), 5000, 200);
}

TEST(BruteForceSampler, NeedsAFiniteSpace) {
  const auto s = a_space({"o=choice(a,b)", "x=float(0,1) if o=b"});
  const auto refused = make_sampler("brute-force", {&s, 0, 0});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail,
            "the brute-force sampler cannot list parameter x, which is continuous");
}

TEST(RandomSampler, TakesEveryPointOfAFiniteSpaceOnce) {
  for (const auto* declaration :
       {"x=int(1,500)", "x=int(1,500,log)", "x=float(0,5,step=0.01)", "x=float(1,1)"}) {
    const auto s = a_space({declaration, "o=choice(a,b,c)"});
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      ledger points(s);
      const auto random = a_sampler("random", s, seed);
      EXPECT_EQ(take_all(*random, points), *s.size()) << declaration;
    }
  }
}

TEST(RandomSampler, FindsFreePointsInSpacesBeyond64Bits) {
  const auto s = a_space(
      {"x=int(-9223372036854775808,9223372036854775807)", "n=int(1,9223372036854775807,log)"});
  ledger points(s);
  const auto random = a_sampler("random", s);
  for (trial_number n = 0; n < 20'000; ++n) {
    const auto p = random->propose(points, freedom::only_free);
    ASSERT_TRUE(p && s.contains(*p) && points.is_free(*p));
    points.lease(*p, n);
  }
}

TEST(RandomSampler, FindsFreePointsInConditionalSpacesBeyond64Bits) {
  const auto s = a_space(
      {"n=int(0,3)", "x=int(1,4294967296) if n>=2", "y=int(1,4294967296) if n=3", "z=int(1,1000)"});
  ASSERT_FALSE(s.size());
  ledger points(s);
  // All of the small branches.
  trial_number n = 0;
  for (const coordinate small : {0, 1})
    for (coordinate z = 0; z < 1000; ++z) points.lease({small, inactive, inactive, z}, n++);
  const auto random = a_sampler("random", s);
  for (; n < 20'000; ++n) {
    const auto p = random->propose(points, freedom::only_free);
    ASSERT_TRUE(p && s.contains(*p) && points.is_free(*p));
    points.lease(*p, n);
  }
}

TEST(RandomSampler, FindsTheOneBranchThatIsEndless) {
  std::string choices = "o=choice(0";
  for (int i = 1; i < 5000; ++i) choices += "," + std::to_string(i);
  const auto s = a_space({choices + ")", "p=int(0,1) if o=77", "x=float(0,1) if p=1"});
  ledger points(s);
  for (coordinate o = 0; o < 5000; ++o)
    points.lease({o, o == 77 ? 0 : inactive, inactive}, static_cast<trial_number>(o));
  const auto random = a_sampler("random", s);
  for (trial_number n = 5000; n < 5100; ++n) {
    const auto p = random->propose(points, freedom::only_free);
    ASSERT_TRUE(p && s.contains(*p) && points.is_free(*p));
    points.lease(*p, n);
  }
}

TEST(RandomSampler, DrawsTheChoiceOfABranchEvenlyWhateverItsSize) {
  const auto s = a_space({"o=choice(a,b)", "x=int(1,1000000) if o=a", "y=int(1,50000) if o=b"});
  ledger points(s);
  const auto random = a_sampler("random", s);
  int of_a = 0;
  for (trial_number n = 0; n < 1000; ++n) {
    const auto p = random->propose(points, freedom::only_free).value();
    of_a += p[0] == 0 ? 1 : 0;
    points.lease(p, n);
  }
  EXPECT_NEAR(of_a, 500, 60);
}

TEST(RandomSampler, SaysSoWhenAContinuousSpaceHasNoDoubleLeft) {
  const auto s = a_space({"x=float(1,1.0000000000000004)"});
  ledger points(s);
  const auto random = a_sampler("random", s);
  EXPECT_EQ(take_all(*random, points), 3u);
}

TEST(RandomSampler, DrawsInsideTheWidestRanges) {
  const auto s =
      a_space({"x=float(-1.7e308,1.7e308)", "y=float(1e-320,1.7e308,log)", "z=float(-1,0)"});
  ledger points(s);
  const auto random = a_sampler("random", s);
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(s.contains(*random->propose(points, freedom::any)));
}

/// How many of `draws` fall below `limit`, a share of the range's parameter.
double share_below(const space& s, double limit, freedom among) {
  constexpr int draws = 20'000;
  ledger points(s);
  const auto random = a_sampler("random", s, 5);
  int below = 0;
  for (int i = 0; i < draws; ++i) {
    const auto p = random->propose(points, among).value();
    const auto v = s.value_of(p, 0);
    const double x =
        v.index() == 0 ? static_cast<double>(std::get<std::int64_t>(v)) : std::get<double>(v);
    if (x < limit) ++below;
  }
  return static_cast<double>(below) / draws;
}

TEST(RandomSampler, IsUniformOverTheRangeOrItsLogarithm) {
  EXPECT_NEAR(share_below(a_space({"x=float(0,4)"}), 1, freedom::any), 0.25, 0.02);
  EXPECT_NEAR(share_below(a_space({"x=float(1e-4,1,log)"}), 1e-3, freedom::any), 0.25, 0.02);
  EXPECT_NEAR(share_below(a_space({"x=int(1,100)"}), 25.5, freedom::any), 0.25, 0.02);
  EXPECT_NEAR(share_below(a_space({"x=float(0,3,step=1)"}), 0.5, freedom::any), 0.25, 0.02);
  const double log_share = std::log(32.5 / 0.5) / std::log(1024.5 / 0.5);
  EXPECT_NEAR(share_below(a_space({"x=int(1,1024,log)"}), 32.5, freedom::any), log_share, 0.02);
  EXPECT_NEAR(share_below(a_space({"x=int(1,1000000)"}), 250'000.5, freedom::only_free), 0.25,
              0.02);
}

TEST(RandomSampler, KeepsTheLogarithmAmongFreePointsWhileTheyLast) {
  const auto s = a_space({"x=int(1,1000000,log)"});
  ledger points(s);
  const auto random = a_sampler("random", s);
  std::vector<std::int64_t> values;
  for (trial_number n = 0; n < 101; ++n) {
    const auto p = random->propose(points, freedom::only_free).value();
    points.lease(p, n);
    values.push_back(std::get<std::int64_t>(s.value_of(p, 0)));
  }
  std::ranges::nth_element(values, values.begin() + 50);
  EXPECT_GT(values[50], 200);
  EXPECT_LT(values[50], 20'000);
}

}  // namespace
}  // namespace fabric::tuner
