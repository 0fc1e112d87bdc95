#include "scheduler/tuner/samplers/parzen.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>

#include "scheduler/tuner/samplers/normal.hpp"
#include "scheduler/tuner/samplers/stretch.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

struct every_parameter {
  explicit every_parameter(const space& s) : all(s.parameters().size()) {
    std::iota(all.begin(), all.end(), std::size_t{0});
  }
  std::vector<std::size_t> all;
};

/// A density of all parameters.
struct joint : private every_parameter, parzen {
  joint(const space& s, std::span<const observation> seen)
      : every_parameter(s), parzen(s, {all}, seen) {}

  [[nodiscard]] point draw_point(draws& from) const {
    point p(all.size());
    draw(p, from);
    return p;
  }
};

std::vector<observation> observed(const std::vector<point>& points, double weight = 1) {
  std::vector<observation> all;
  for (const auto& p : points) all.push_back({p, weight});
  return all;
}

point at(std::initializer_list<double> values) {
  point p;
  for (const double v : values) p.push_back(std::bit_cast<coordinate>(v));
  return p;
}

/// What one normal kernel, cut off at 0 and 1, has at x; without the root of 2 pi.
double kernel(double x, double middle, double width) {
  const double z = (x - middle) / width;
  return std::exp(-z * z / 2) / (width * normal_mass(-middle / width, (1 - middle) / width));
}

TEST(Parzen, OfNothingIsThePrior) {
  const auto s = a_space({"x=float(0,1)"});
  joint none(s, {});
  for (const double x : {0.0, 0.3, 1.0})
    EXPECT_NEAR(none.log_density(at({x})), std::log(kernel(x, 0.5, 1)), 1e-12);
}

TEST(Parzen, IsTheMixtureThatTheRulesGive) {
  const auto s = a_space({"x=float(0,1)"});
  // Gaps 0.3 and 0.5: the outer ones look inwards, the middle one takes the larger.
  const std::vector<point> points{at({0.1}), at({0.9}), at({0.4})};
  std::vector<observation> seen = observed(points);
  seen[1].weight = 0.5;
  joint density(s, seen);
  for (const double x : {0.05, 0.4, 0.77}) {
    const double expected = (kernel(x, 0.1, 0.3) + 0.5 * kernel(x, 0.9, 0.5) + kernel(x, 0.4, 0.5) +
                             kernel(x, 0.5, 1)) /
                            3.5;
    EXPECT_NEAR(density.log_density(at({x})), std::log(expected), 1e-12) << x;
  }
}

TEST(Parzen, KeepsWidthsAboveTheLeast) {
  const auto s = a_space({"x=float(0,1)"});
  const std::vector<point> points{at({0.5}), at({0.5}), at({0.5})};
  joint density(s, observed(points));
  const double expected = (3 * kernel(0.6, 0.5, 1.0 / 5) + kernel(0.6, 0.5, 1)) / 4;
  EXPECT_NEAR(density.log_density(at({0.6})), std::log(expected), 1e-12);
}

TEST(Parzen, MultipliesTheParametersOfOneObservation) {
  const auto s = a_space({"x=float(0,1)", "y=float(0,1)"});
  const std::vector<point> points{at({0.2, 0.8})};
  joint density(s, observed(points));
  const double expected =
      (kernel(0.3, 0.2, 0.8) * kernel(0.6, 0.8, 0.8) + kernel(0.3, 0.5, 1) * kernel(0.6, 0.5, 1)) /
      2;
  EXPECT_NEAR(density.log_density(at({0.3, 0.6})), std::log(expected), 1e-12);
}

TEST(Parzen, WeighsItsKernelsByWhatIsGiven) {
  const auto s = a_space({"x=float(0,1)", "y=float(0,1)", "o=choice(a,b)"});
  const std::vector<point> points{at({0.2, 0.8, 0}), at({0.6, 0.1, 0})};
  const std::vector<std::size_t> of{1};
  const std::vector<std::size_t> given{2, 0};
  auto seen = observed(points);
  seen[1].weight = 0.5;
  parzen density(s, {of, given}, seen);
  density.suppose(at({0.9, 0, 0}));
  density.suppose(at({0.3, 0, 0}));
  // Both chose a: 2 + 1 kernels, two choices.
  const double a = (1 + 1.0 / 3) / (1 + 2.0 / 3);
  const double one = kernel(0.3, 0.2, 0.4) * a;
  const double two = 0.5 * kernel(0.3, 0.6, 0.4) * a;
  const double prior = kernel(0.3, 0.5, 1) / 2;
  const double expected =
      (one * kernel(0.7, 0.8, 0.7) + two * kernel(0.7, 0.1, 0.7) + prior * kernel(0.7, 0.5, 1)) /
      (one + two + prior);
  EXPECT_NEAR(density.log_density(at({0, 0.7, 0})), std::log(expected), 1e-12);
  EXPECT_NEAR(density.log_density(1, std::bit_cast<coordinate>(0.7)), std::log(expected), 1e-12);
  draws from(3, 0);
  int high = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto p = at({0.3, 0, 0});
    density.draw(p, from);
    EXPECT_EQ(p[0], std::bit_cast<coordinate>(0.3));
    high += std::bit_cast<double>(p[1]) > 0.5 ? 1 : 0;
  }
  const auto above_half = [](double middle, double width) {
    return normal_mass((0.5 - middle) / width, (1 - middle) / width) /
           normal_mass(-middle / width, (1 - middle) / width);
  };
  const double share =
      (one * above_half(0.8, 0.7) + two * above_half(0.1, 0.7) + prior * 0.5) / (one + two + prior);
  EXPECT_NEAR(high / 10'000.0, share, 0.02);
}

TEST(Parzen, KnowsEachParameterAlone) {
  const auto s = a_space({"x=float(0,1)", "o=choice(a,b,c)"});
  const std::vector<point> points{{std::bit_cast<coordinate>(0.2), 1},
                                  {std::bit_cast<coordinate>(0.9), 1}};
  joint density(s, observed(points));
  for (const double x : {0.1, 0.6}) {
    double sum = 0;
    for (coordinate o = 0; o < 3; ++o)
      sum += std::exp(density.log_density(point{std::bit_cast<coordinate>(x), o}));
    EXPECT_NEAR(density.log_density(0, std::bit_cast<coordinate>(x)), std::log(sum), 1e-12);
  }
  draws from(1, 0);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += density.draw_one(1, from) == 1 ? 1 : 0;
  EXPECT_NEAR(hits / 10'000.0, std::exp(density.log_density(1, 1)), 0.02);
}

TEST(Parzen, GivesEachChoiceItsShare) {
  const auto s = a_space({"o=choice(a,b,c,d)"});
  const std::vector<point> points{{2}, {2}};
  joint density(s, observed(points));
  // Two kernels of (1/3 everywhere, 1 more at c) over 7/3, and a uniform prior.
  EXPECT_NEAR(density.log_density({2}), std::log((2 * 4.0 / 7 + 0.25) / 3), 1e-12);
  EXPECT_NEAR(density.log_density({0}), std::log((2 * 1.0 / 7 + 0.25) / 3), 1e-12);
}

/// The mass of a space's points, each as its density times the share of the range that it has.
double total(const space& s, parzen& density) {
  double sum = 0;
  for (std::uint64_t rank = 0; rank < *s.size(); ++rank) {
    const auto p = s.at(rank);
    double mass = std::exp(density.log_density(p));
    for (std::size_t i = 0; i < p.size(); ++i) {
      const auto& parameter = s.parameters()[i];
      if (std::holds_alternative<category>(parameter.over)) continue;
      mass *= cell_of(parameter, p[i]).width() / std::sqrt(2 * std::numbers::pi);
    }
    sum += mass;
  }
  return sum;
}

TEST(Parzen, HasTheMassOneOverDiscreteSpaces) {
  const auto s = a_space({"x=int(1,9)", "n=int(1,64,log)", "o=choice(a,b,c)"});
  const std::vector<point> points{{0, 3, 1}, {8, 63, 0}, {4, 3, 1}, {4, 0, 2}};
  joint density(s, observed(points, 0.7));
  EXPECT_NEAR(total(s, density), 1, 1e-9);
  const auto fine = a_space({"x=int(0,4999)"});  // by the density in the middle
  const std::vector<point> two{{10}, {4000}};
  joint wide(fine, observed(two));
  EXPECT_NEAR(total(fine, wide), 1, 1e-4);
}

TEST(Parzen, DrawsByItsDensity) {
  const auto s = a_space({"x=int(0,3)", "o=choice(a,b,c)"});
  const std::vector<point> points{{0, 1}, {3, 1}, {1, 2}};
  auto seen = observed(points);
  seen[0].weight = 3;
  joint density(s, seen);
  constexpr int count = 100'000;
  std::map<point, int> hits;
  draws from(5, 0);
  for (int i = 0; i < count; ++i) ++hits[density.draw_point(from)];
  double chi = 0;
  for (std::uint64_t rank = 0; rank < *s.size(); ++rank) {
    const auto p = s.at(rank);
    const double expected = count * std::exp(density.log_density(p)) *
                            cell_of(s.parameters()[0], p[0]).width() /
                            std::sqrt(2 * std::numbers::pi);
    chi += (hits[p] - expected) * (hits[p] - expected) / expected;
  }
  EXPECT_LT(chi, 31.3);  // 11 degrees of freedom, p = 0.001
}

TEST(Parzen, StaysFiniteWithAThousandParameters) {
  std::vector<parameter> parameters;
  for (int i = 0; i < 1000; ++i)
    parameters.push_back(parse_parameter("x" + std::to_string(i) + "=int(0,50)").value());
  const auto s = space::make(parameters).value();
  const std::vector<point> points{point(1000, 3), point(1000, 50)};
  joint density(s, observed(points));
  draws from(1, 1);
  const auto p = density.draw_point(from);
  EXPECT_TRUE(s.contains(p));
  EXPECT_TRUE(std::isfinite(density.log_density(p)));
  EXPECT_TRUE(std::isfinite(density.log_density(point(1000, 25))));
}

}  // namespace
}  // namespace fabric::tuner
