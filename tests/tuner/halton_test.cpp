#include "scheduler/tuner/samplers/halton.hpp"

#include <gtest/gtest.h>

#include <set>

namespace fabric::tuner {
namespace {

space space_of(std::initializer_list<const char*> texts) {
  std::vector<parameter> all;
  for (const auto* text : texts) all.push_back(*parse_parameter(text));
  return *space::make(all);
}

TEST(FirstPrimes, AreTheKnownOnes) {
  EXPECT_EQ(first_primes(8), (std::vector<std::uint64_t>{2, 3, 5, 7, 11, 13, 17, 19}));
  EXPECT_EQ(first_primes(1000).back(), 7919U);
}

TEST(RadicalInverse, MirrorsTheDigits) {
  EXPECT_EQ(radical_inverse(0, 2), 0);
  EXPECT_EQ(radical_inverse(1, 2), 0.5);
  EXPECT_EQ(radical_inverse(6, 2), 0.375);             // 110 becomes .011
  EXPECT_NEAR(radical_inverse(5, 3), 7.0 / 9, 1e-15);  // 12 becomes .21
}

TEST(ScrambledInverse, PutsOneOfAnyRunOfPointsInEachInterval) {
  for (const std::uint64_t base : {2, 3, 5, 7, 13}) {
    const std::uint64_t run = base * base;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      std::set<std::uint64_t> hit;
      for (std::uint64_t i = 0; i < run; ++i) {
        const double u = scrambled_inverse(3 * run + i, base, seed);
        ASSERT_GE(u, 0);
        ASSERT_LT(u, 1);
        hit.insert(static_cast<std::uint64_t>(u * static_cast<double>(run) + 1e-9));
      }
      EXPECT_EQ(hit.size(), run) << "base " << base << " seed " << seed;
    }
  }
}

TEST(ScrambledInverse, IsUniformOverSeeds) {
  constexpr int seeds = 20'000;
  std::vector<int> bins(10);
  for (std::uint64_t seed = 0; seed < seeds; ++seed)
    ++bins[static_cast<std::size_t>(scrambled_inverse(5, 3, seed) * 10)];
  double chi = 0;
  for (const int n : bins) chi += (n - seeds / 10.0) * (n - seeds / 10.0) / (seeds / 10.0);
  EXPECT_LT(chi, 27.9);  // 9 degrees of freedom, p = 0.001
}

TEST(HaltonSampler, ReachesEachPointOnceAndThenIsDry) {
  const auto over = space_of({"x=int(1,7)", "n=int(1,16,log)", "c=choice(a,b,c)"});
  ledger points{over};
  halton_sampler halton{{.over = &over, .seed = 3}};
  for (std::uint64_t i = 0; i < 336; ++i) {
    const auto p = halton.propose(points, freedom::only_free);
    ASSERT_TRUE(p);
    ASSERT_TRUE(over.contains(*p));
    ASSERT_TRUE(points.is_free(*p));
    points.lease(*p, i);
  }
  EXPECT_FALSE(halton.propose(points, freedom::only_free));
  EXPECT_FALSE(halton.propose(points, freedom::only_free));
}

TEST(HaltonSampler, GoesOnWhereAResumedStudyStopped) {
  const auto over = space_of({"x=float(0,1)", "y=float(1e-5,1,log)"});
  const sampler_setup how{.over = &over, .seed = 9};
  halton_sampler whole{how};
  ledger points{over};
  for (std::uint64_t i = 0; i < 200; ++i)
    points.lease(*whole.propose(points, freedom::only_free), i);
  halton_sampler resumed{{.over = &over, .seed = 9, .stream = 1}};
  EXPECT_EQ(resumed.propose(points, freedom::only_free), whole.propose(points, freedom::only_free));
}

}  // namespace
}  // namespace fabric::tuner
