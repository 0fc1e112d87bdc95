#include "scheduler/tuner/samplers/normal.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace fabric::tuner {
namespace {

TEST(NormalMass, IsThatOfTheTables) {
  EXPECT_NEAR(normal_mass(-1, 1), 0.682689492137086, 1e-15);
  EXPECT_NEAR(normal_mass(0, 1.959963984540054), 0.475, 1e-15);
  EXPECT_NEAR(normal_mass(-40, 40), 1, 1e-15);
}

TEST(NormalMass, IsPreciseFarOutOnBothSides) {
  constexpr double beyond_ten = 7.619853024160527e-24;  // 1 - Phi(10)
  EXPECT_NEAR(normal_mass(10, 40) / beyond_ten, 1, 1e-12);
  EXPECT_NEAR(normal_mass(-40, -10) / beyond_ten, 1, 1e-12);
}

TEST(DrawNormal, HasTheMomentsOfTheDistribution) {
  draws from(1, 2);
  constexpr int count = 200'000;
  double sum = 0;
  double squares = 0;
  int beyond = 0;
  for (int i = 0; i < count; ++i) {
    const double x = draw_normal(from);
    sum += x;
    squares += x * x;
    if (x > 1.959963984540054) ++beyond;
  }
  EXPECT_NEAR(sum / count, 0, 0.01);
  EXPECT_NEAR(squares / count, 1, 0.02);
  EXPECT_NEAR(static_cast<double>(beyond) / count, 0.025, 0.002);
}

}  // namespace
}  // namespace fabric::tuner
