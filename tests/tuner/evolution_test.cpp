#include "scheduler/tuner/samplers/evolution.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace fabric::tuner {
namespace {

using vector = evolution::vector;

vector at(std::size_t dimensions, double x) {
  return vector::Constant(static_cast<std::ptrdiff_t>(dimensions), x);
}

double sphere(const vector& x) { return x.squaredNorm(); }

/// Axes a thousand times as long as each other, at 45 degrees to the coordinates' pairs.
double ellipsoid(const vector& x) {
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < x.size(); ++i) {
    const auto other = x[(i + 1) % x.size()];
    const double y = (x[i] + other) / std::sqrt(2.0);
    sum += std::pow(1e6, static_cast<double>(i) / static_cast<double>(x.size() - 1)) * y * y;
  }
  return sum;
}

double rosenbrock(const vector& x) {
  double sum = 0;
  for (std::ptrdiff_t i = 0; i + 1 < x.size(); ++i)
    sum += 100 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1 - x[i], 2);
  return sum;
}

/// Evaluations until the loss is below `enough`.
int evaluations(evolution::setup from_where, const auto& f, double enough, int most) {
  evolution search(std::move(from_where));
  draws from(11, 0);
  for (int i = 1; i <= most; ++i) {
    const auto x = search.draw(from);
    const double loss = f(x);
    if (loss < enough) return i;
    search.tell(x, loss);
  }
  return most + 1;
}

TEST(Evolution, HasTheUsualPopulation) {
  EXPECT_EQ(evolution({at(2, 0)}).population(), 6U);
  EXPECT_EQ(evolution({at(10, 0)}).population(), 10U);
  EXPECT_EQ(evolution({at(100, 0)}).population(), 17U);
}

// Published codes need some 1,800, 6,000 and 6,000 evaluations with 10 dimensions (Hansen,
// Ostermeier: "Completely derandomized self-adaptation", Evolutionary Computation 9, 2001).
TEST(Evolution, NeedsAsManyEvaluationsAsIsPublished) {
  EXPECT_LT(evaluations({at(10, 1), 0.5}, sphere, 1e-9, 10'000), 2500);
  EXPECT_LT(evaluations({at(9, 1), 0.5}, ellipsoid, 1e-9, 30'000), 8000);
  EXPECT_LT(evaluations({at(10, 0), 0.1}, rosenbrock, 1e-9, 30'000), 9000);
}

TEST(Evolution, LooksAtNothingButTheOrderOfLosses) {
  evolution one({at(5, 1)});
  evolution other({at(5, 1)});
  draws from(1, 0);
  draws from_too(1, 0);
  for (int i = 0; i < 500; ++i) {
    const auto x = one.draw(from);
    const auto y = other.draw(from_too);
    ASSERT_EQ(x, y) << i;
    one.tell(x, sphere(x));
    other.tell(y, std::log(sphere(y)) * 7 - 3);
  }
}

TEST(Evolution, StaysAsWideAsItIsWhereLossesSayNothing) {
  double sum = 0;
  constexpr int runs = 40;
  for (int run = 0; run < runs; ++run) {
    evolution search({at(5, 0), 1});
    draws from(static_cast<std::uint64_t>(run), 3);
    while (search.moves() < 50) search.tell(search.draw(from), from.unit());
    sum += std::log(search.deviations().array().square().mean()) / 2;
  }
  EXPECT_NEAR(sum / runs, 0, 0.35);  // a factor of 1.4 in 50 moves
}

TEST(Evolution, LearnsTheShapeOfTheGround) {
  evolution search({at(2, 1), 0.5});
  draws from(5, 0);
  const auto f = [](const vector& x) { return x[0] * x[0] + 1e4 * x[1] * x[1]; };
  for (int i = 0; i < 600; ++i) {
    const auto x = search.draw(from);
    search.tell(x, f(x));
  }
  const auto widths = search.deviations();
  EXPECT_GT(widths[0] / widths[1], 30);  // 100 in the limit
  EXPECT_LT(widths[0] / widths[1], 300);
}

TEST(Evolution, IsNotThrownOffByVectorsFromFarAway) {
  evolution search({at(4, 1), 0.1});
  draws from(2, 0);
  for (int i = 0; i < 800; ++i) {
    if (i % 3 == 0) {
      vector x = at(4, 0);
      for (double& each : x) each = 1000 * (from.unit() - 0.5);
      search.tell(x, sphere(x));
    } else {
      const auto x = search.draw(from);
      search.tell(x, sphere(x));
    }
  }
  EXPECT_LT(search.mean().norm(), 0.1);
  EXPECT_TRUE(search.deviations().allFinite());
}

TEST(Evolution, IsOverWhenNothingGetsBetterOrItIsAPoint) {
  evolution flat({at(3, 0)});
  draws from(4, 0);
  for (int i = 0; i < 2000 && !flat.is_over(); ++i) flat.tell(flat.draw(from), 1);
  EXPECT_TRUE(flat.is_over());
  evolution good({at(3, 1)});
  for (int i = 0; i < 300; ++i) {
    const auto x = good.draw(from);
    good.tell(x, sphere(x));
  }
  EXPECT_FALSE(good.is_over());
  for (int i = 0; i < 5000; ++i) {
    const auto x = good.draw(from);
    good.tell(x, sphere(x));
  }
  EXPECT_TRUE(good.is_over());
}

TEST(Evolution, TakesNoNumberForTheWorstLoss) {
  evolution search({at(2, 1), 0.3});
  draws from(6, 0);
  for (int i = 0; i < 600; ++i) {
    const auto x = search.draw(from);
    search.tell(x, x[0] < 0 ? std::nan("") : sphere(x));
  }
  EXPECT_LT(search.mean().norm(), 1e-3);
}

}  // namespace
}  // namespace fabric::tuner
