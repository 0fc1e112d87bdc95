#include "scheduler/tuner/samplers/gaussian_process.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {
namespace {

using matrix = gaussian_process::matrix;
using vector = gaussian_process::vector;

vector at(double x) { return vector::Constant(1, x); }

/// A process fitted to so many points of a sine.
gaussian_process of_sine(int count) {
  matrix points(1, count);
  vector values(count);
  for (int i = 0; i < count; ++i) {
    points(0, i) = static_cast<double>(i) / (count - 1);
    values[i] = 1.4 * std::sin(6 * points(0, i));
  }
  gaussian_process process({false});
  process.fit(points, values);
  return process;
}

TEST(GaussianProcess, GoesThroughWhatWasSeenAndIsSureThere) {
  const auto process = of_sine(9);
  for (int i = 0; i < 9; ++i) {
    const double x = i / 8.0;
    const auto [mean, deviation] = process.at(at(x));
    EXPECT_NEAR(mean, 1.4 * std::sin(6 * x), 0.05);
    EXPECT_LT(deviation, 0.1);
  }
}

TEST(GaussianProcess, PredictsBetweenAndIsLessSureBeyond) {
  const auto process = of_sine(9);
  EXPECT_NEAR(process.at(at(0.31)).mean, 1.4 * std::sin(6 * 0.31), 0.05);
  EXPECT_GT(process.at(at(1.5)).deviation, 3 * process.at(at(0.5)).deviation);
}

TEST(GaussianProcess, HasTheSlopesOfItsWeight) {
  draws from(1, 0);
  matrix points(3, 12);
  vector values(12);
  for (int i = 0; i < 12; ++i) {
    points.col(i) << from.unit(), from.unit(), static_cast<double>(from.below(3));
    values[i] = from.unit() * 2 - 1;
  }
  gaussian_process process({false, false, true});
  process.fit(points, values);
  vector where(5);
  where << 0.3, -0.7, 0.1, 0.2, -2;
  const auto slope = process.weight_of(where).gradient;
  for (int c = 0; c < 5; ++c) {
    constexpr double step = 1e-5;
    vector above = where;
    vector below = where;
    above[c] += step;
    below[c] -= step;
    const double expected =
        (process.weight_of(above).log - process.weight_of(below).log) / (2 * step);
    EXPECT_NEAR(slope[c], expected, 1e-5 * std::max(1.0, std::abs(expected))) << c;
  }
}

TEST(GaussianProcess, FindsOutWhichColumnsMatter) {
  draws from(2, 0);
  matrix points(2, 40);
  vector values(40);
  for (int i = 0; i < 40; ++i) {
    points.col(i) << from.unit(), from.unit();
    values[i] = 1.4 * std::sin(6 * points(0, i));
  }
  gaussian_process process({false, false});
  process.fit(points, values);
  EXPECT_GT(process.parameters()[0], process.parameters()[1] + 2);
}

TEST(GaussianProcess, TellsChoicesApartByEqualityAlone) {
  matrix points(1, 12);
  vector values(12);
  for (int i = 0; i < 12; ++i) {
    points(0, i) = i % 3;
    values[i] = i % 3 == 1 ? 1.4 : -0.7;
  }
  gaussian_process process({true});
  process.fit(points, values);
  EXPECT_NEAR(process.at(at(1)).mean, 1.4, 0.2);
  EXPECT_NEAR(process.at(at(0)).mean, process.at(at(2)).mean, 1e-6);
  EXPECT_EQ(process.at(at(7)).mean, process.at(at(9)).mean);
}

TEST(GaussianProcess, BelievesItsMeanAndIsSureThere) {
  auto process = of_sine(5);
  const auto before = process.at(at(0.4));
  const auto far = process.at(at(0.9));
  process.believe(at(0.4));
  EXPECT_NEAR(process.at(at(0.4)).mean, before.mean, 0.01);
  EXPECT_LT(process.at(at(0.4)).deviation, before.deviation);
  EXPECT_NEAR(process.at(at(0.9)).mean, far.mean, 0.01);
}

TEST(GaussianProcess, EndsWithEqualPointsAndEqualValues) {
  const matrix points = matrix::Constant(2, 6, 0.5);
  gaussian_process process({false, false});
  process.fit(points, vector::Zero(6));
  EXPECT_TRUE(std::isfinite(process.at(vector::Constant(2, 0.1)).mean));
}

double expected_improvement(double mean, double deviation, double best) {
  // By steps over the density.
  double sum = 0;
  constexpr double step = 1e-4;
  for (double z = -12; z < 12; z += step)
    sum += std::max(best - mean - deviation * z, 0.0) * std::exp(-z * z / 2) * step;
  return sum / std::sqrt(2 * M_PI);
}

TEST(LogExpectedImprovement, IsTheLogarithmOfTheIntegral) {
  for (const double mean : {-2.0, 0.0, 1.0, 4.0})
    EXPECT_NEAR(log_expected_improvement({mean, 0.7}, 0.5),
                std::log(expected_improvement(mean, 0.7, 0.5)), 1e-3)
        << mean;
}

TEST(LogExpectedImprovement, FallsWithoutAStepAlsoWhereItIsTooSmallForANumber) {
  double before = log_expected_improvement({0, 1}, 0);
  for (double mean = 0.5; mean < 100; mean += 0.5) {
    const double now = log_expected_improvement({mean, 1}, 0);
    EXPECT_LT(now, before);
    EXPECT_NEAR(before - now, (mean - 0.25) / 2, 0.6) << mean;  // of z^2 / 2, and a little
    before = now;
  }
}

TEST(ProbabilityBelow, IsTheNormalOneAlsoFarOut) {
  EXPECT_NEAR(log_probability_below({1, 2}, 1), std::log(0.5), 1e-12);
  EXPECT_NEAR(log_probability_below({0, 1}, 1.959964), std::log(0.975), 1e-6);
  EXPECT_NEAR(log_probability_below({0, 1}, -24.999), log_probability_below({0, 1}, -25.001), 0.1);
  EXPECT_LT(log_probability_below({0, 1}, -1000), log_probability_below({0, 1}, -999));
  EXPECT_TRUE(std::isfinite(log_probability_below({0, 1e-6}, -1000)));
}

}  // namespace
}  // namespace fabric::tuner
