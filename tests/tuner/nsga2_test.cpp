#include "scheduler/tuner/samplers/nsga2.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

double real(coordinate c) { return std::bit_cast<double>(c); }

/// ZDT1 (Zitzler, Deb, Thiele 2000) with six parameters; its front is f2 = 1 - sqrt(f1).
losses zdt1(const point& p) {
  double sum = 0;
  for (std::size_t i = 1; i < p.size(); ++i) sum += real(p[i]);
  const double g = 1 + 9 * sum / static_cast<double>(p.size() - 1);
  const double f = real(p[0]);
  return {f, g * (1 - std::sqrt(f / g))};
}

/// The volume that losses below (1.1, 1.1) dominate.
double hypervolume(std::vector<losses> all) {
  std::ranges::sort(all);
  double volume = 0;
  double height = 1.1;
  for (const auto& one : all) {
    if (one[0] >= 1.1 || one[1] >= height) continue;
    volume += (1.1 - one[0]) * (height - one[1]);
    height = one[1];
  }
  return volume;
}

double volume_of(std::string_view name, std::uint64_t seed, int trials) {
  const auto s = a_space({"a=float(0,1)", "b=float(0,1)", "c=float(0,1)", "d=float(0,1)",
                          "e=float(0,1)", "f=float(0,1)"});
  const auto sampler = make_sampler(name, {.over = &s, .seed = seed, .objectives = 2}).value();
  ledger points(s);
  std::vector<losses> all;
  for (int i = 0; i < trials; ++i) {
    const auto age = static_cast<std::uint64_t>(i);
    const auto p = sampler->propose(points, freedom::only_free).value();
    points.lease(p, age);
    sampler->started(age, p);
    all.push_back(zdt1(p));
    sampler->ended(age, p, {.state = trial_state::complete, .losses = all.back()});
  }
  return hypervolume(all);
}

TEST(Nsga2, ComesNearTheFront) {
  // The front itself has 1.1^2 - 1/3 = 0.877 below (1.1, 1.1), a random thousand next to nothing.
  EXPECT_GT(volume_of("nsga2", 1, 1500), 0.75);
  EXPECT_LT(volume_of("random", 1, 1500), 0.3);
}

TEST(Tpe, ComesNearTheFrontWithFewTrials) {
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) sum += volume_of("tpe", seed, 300);
  // Of 20 seeds' the mean is 0.63; 0.41 where crowding chooses among the trials of a rank.
  EXPECT_GT(sum / 6, 0.5);
}

TEST(Nsga2, ReachesEachPointOfAFiniteSpaceAndThenIsDry) {
  const auto s = a_space({"x=int(1,20)", "o=choice(a,b,c)", "n=int(1,5,log)"});
  const auto sampler = make_sampler("nsga2", {.over = &s, .objectives = 2}).value();
  ledger points(s);
  for (std::uint64_t n = 0; n < *s.size(); ++n) {
    const auto p = sampler->propose(points, freedom::only_free);
    ASSERT_TRUE(p && s.contains(*p) && points.is_free(*p)) << n;
    points.lease(*p, n);
    sampler->ended(n, *p,
                   {.state = trial_state::complete,
                    .losses = {static_cast<double>((*p)[0]), static_cast<double>((*p)[1])}});
  }
  EXPECT_FALSE(sampler->propose(points, freedom::only_free));
}

}  // namespace
}  // namespace fabric::tuner
