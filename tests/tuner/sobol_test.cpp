#include "scheduler/tuner/samplers/sobol.hpp"

#include <gtest/gtest.h>

#include <set>

#include "scheduler/tuner/samplers/sobol_numbers.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

constexpr std::uint32_t tenth(double u) { return static_cast<std::uint32_t>(u * 0x1p32); }

TEST(SobolDimension, HasThePointsThatArePublished) {
  // The first ten points of three dimensions, in the order of Gray's code, as on Joe and Kuo's
  // page.
  const double published[10][3] = {{0, 0, 0},
                                   {0.5, 0.5, 0.5},
                                   {0.75, 0.25, 0.25},
                                   {0.25, 0.75, 0.75},
                                   {0.375, 0.375, 0.625},
                                   {0.875, 0.875, 0.125},
                                   {0.625, 0.125, 0.875},
                                   {0.125, 0.625, 0.375},
                                   {0.1875, 0.3125, 0.9375},
                                   {0.6875, 0.8125, 0.4375}};
  for (std::uint32_t i = 0; i < 10; ++i)
    for (std::size_t k = 0; k < 3; ++k)
      EXPECT_EQ(sobol_dimension(k).at(i ^ (i >> 1)), tenth(published[i][k])) << i << " " << k;
}

TEST(SobolDimension, PutsOneOfEachRunIntoEachInterval) {
  for (std::size_t number = 0; number < sobol_dimensions_max; ++number) {
    const sobol_dimension one(number);
    std::set<std::uint32_t> hit;
    for (std::uint32_t i = 0; i < 1024; ++i) hit.insert(one.at(i) >> 22);
    EXPECT_EQ(hit.size(), 1024U) << number;
  }
}

TEST(SobolDimension, MakesNetsOfTheFirstTwo) {
  // A (0, m, 2)-net: each of the 2^8 boxes of every shape holds one of 2^8 points.
  const sobol_dimension x(0);
  const sobol_dimension y(1);
  for (unsigned a = 0; a <= 8; ++a) {
    std::set<std::pair<std::uint64_t, std::uint64_t>> hit;
    for (std::uint32_t i = 0; i < 256; ++i)
      hit.emplace(std::uint64_t{x.at(i)} >> (32 - a), std::uint64_t{y.at(i)} >> (24 + a));
    EXPECT_EQ(hit.size(), 256U) << a;
  }
}

TEST(ScrambledBits, KeepIntervalsWholeAndAreUniformOverSeeds) {
  std::set<std::uint32_t> all;
  for (std::uint32_t i = 0; i < 256; ++i) all.insert(scrambled_bits(i << 24, 5) >> 24);
  EXPECT_EQ(all.size(), 256U);
  std::vector<int> bins(16);
  for (std::uint64_t seed = 0; seed < 16'000; ++seed) ++bins[scrambled_bits(12345, seed) >> 28];
  double chi = 0;
  for (const int n : bins) chi += (n - 1000.0) * (n - 1000.0) / 1000;
  EXPECT_LT(chi, 37.7);  // 15 degrees of freedom, p = 0.001
}

TEST(SobolSampler, ReachesEachPointOnceAndThenIsDry) {
  const auto over = a_space({"x=int(1,7)", "n=int(1,16,log)", "c=choice(a,b,c)"});
  ledger points{over};
  sobol_sampler sobol{{.over = &over, .seed = 3}};
  for (std::uint64_t i = 0; i < *over.size(); ++i) {
    const auto p = sobol.propose(points, freedom::only_free);
    ASSERT_TRUE(p && over.contains(*p) && points.is_free(*p));
    points.lease(*p, i);
  }
  EXPECT_FALSE(sobol.propose(points, freedom::only_free));
}

TEST(SobolSampler, GoesOnWhereAResumedStudyStopped) {
  const auto over = a_space({"x=float(0,1)", "y=float(1e-5,1,log)"});
  sobol_sampler whole{{.over = &over, .seed = 9}};
  ledger points{over};
  for (std::uint64_t i = 0; i < 200; ++i)
    points.lease(*whole.propose(points, freedom::only_free), i);
  sobol_sampler resumed{{.over = &over, .seed = 9, .stream = 1}};
  EXPECT_EQ(resumed.propose(points, freedom::only_free), whole.propose(points, freedom::only_free));
}

TEST(SobolSampler, RefusesMoreParametersThanItHasNumbersFor) {
  std::vector<parameter> many;
  for (std::size_t i = 0; i <= sobol_dimensions_max; ++i)
    many.push_back(parse_parameter("x" + std::to_string(i) + "=float(0,1)").value());
  const auto over = space::make(many).value();
  EXPECT_EQ(make_sampler("sobol", {.over = &over}).error().detail,
            "the sobol sampler serves 64 parameters at most, here are 65");
}

}  // namespace
}  // namespace fabric::tuner
