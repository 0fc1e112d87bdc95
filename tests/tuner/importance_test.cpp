#include "scheduler/tuner/importance.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/samplers/stretch.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

/// Points with their losses, by value.
struct history {
  space over;
  std::vector<point> points;
  std::vector<double> losses;

  void add(point where, double loss) {
    points.push_back(std::move(where));
    losses.push_back(loss);
  }
  [[nodiscard]] result<std::vector<double>> judged() const {
    std::vector<judged_point> seen;
    for (std::size_t i = 0; i < points.size(); ++i) seen.push_back({&points[i], losses[i]});
    return importances(over, seen);
  }
};

/// Uniform points of a function of the places in [0, 1].
history random_history(space over, std::size_t trials, std::uint64_t seed,
                       const std::function<double(const std::vector<double>&)>& loss) {
  history made{.over = std::move(over)};
  draws from(seed, 0);
  for (std::size_t n = 0; n < trials; ++n) {
    point where;
    std::vector<double> places;
    for (const auto& p : made.over.parameters()) {
      where.push_back(stretched(p, from.unit()));
      places.push_back(cell_of(p, where.back()).middle);
    }
    made.add(std::move(where), loss(places));
  }
  return made;
}

double sum_of(const std::vector<double>& all) {
  return std::accumulate(all.begin(), all.end(), 0.0);
}

TEST(Importances, AreThoseComputedByHandForChoices) {
  // The best half of ten trials. By chance five of ten differ from all by
  // (10 - 5) / (5 * 9) * (0.25 / 0.5 + 0.25 / 0.5) = 1/9.
  //   x: 4 of 5 a, 1 of 5 b:  0.3^2 / 0.5 * 2 = 0.36, so 0.36 - 1/9 = 0.24889
  //   y: 3 of 5 c, 2 of 5 d:  0.1^2 / 0.5 * 2 = 0.04, less than by chance
  //   z: all e:               0.5^2 / 0.5 * 2 = 1, so 8/9
  history h{.over = a_space({"x=choice(a,b)", "y=choice(c,d)", "z=choice(e,f)"})};
  const std::vector<point> best = {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 1, 0}, {1, 1, 0}};
  const std::vector<point> rest = {{0, 0, 1}, {1, 0, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
  for (const auto& p : best) h.add(p, 1);
  for (const auto& p : rest) h.add(p, 2);
  EXPECT_THAT(h.judged().value(),
              ElementsAre(DoubleNear(0.21875, 1e-12), 0, DoubleNear(0.78125, 1e-12)));
}

TEST(Importances, AreThoseComputedByHandForFewNumbers) {
  // Numbers of two values, of which the best half has one each: with a kernel of half a cell
  // (0.25, the values 0.5 apart) a value keeps 1 / (1 + e^-2) = 0.8808 of its mass. Then
  // (0.8808 - 0.5)^2 / 0.5 * 2 = 0.5801; a choice with the same counts has 1. By chance the ninth
  // of each.
  history h{.over = a_space({"x=int(1,2)", "z=choice(e,f)"})};
  for (std::size_t n = 0; n < 10; ++n) h.add({n / 5, n / 5}, n < 5 ? 1 : 2);
  const double of_x = std::pow(1 / (1 + std::exp(-2.0)) - 0.5, 2) / 0.5 * 2;
  EXPECT_THAT(h.judged().value(),
              ElementsAre(DoubleNear(of_x / (1 + of_x), 1e-12), DoubleNear(1 / (1 + of_x), 1e-12)));
}

TEST(Importances, SumUpToOneAndAreNeverNegative) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto h = random_history(
        a_space({"a=float(0,1)", "b=int(1,1000,log)", "c=choice(u,v,w)", "d=float(0,1,step=0.1)"}),
        20 + seed * 7, seed, [](const auto& x) { return x[0] + x[1] * x[2] - x[3]; });
    const auto shares = h.judged().value();
    EXPECT_NEAR(sum_of(shares), 1, 1e-12);
    for (const double share : shares) EXPECT_GE(share, 0);
  }
}

TEST(Importances, GiveAParameterWithoutInfluenceAboutNone) {
  for (const auto* idle : {"i=float(0,1)", "i=float(1e-5,1,log)", "i=int(0,9)", "i=int(0,100000)",
                           "i=choice(a,b,c,d,e)", "i=float(0,1,step=0.01)"}) {
    for (const std::size_t trials : {40, 100, 1000}) {
      double of_idle = 0;
      constexpr int seeds = 20;
      for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const auto h = random_history(a_space({"x=float(0,1)", idle}), trials, seed,
                                      [](const auto& x) { return std::abs(x[0] - 0.3); });
        of_idle += h.judged().value()[1] / seeds;
      }
      EXPECT_LT(of_idle, 0.05) << idle << ", " << trials << " trials";
    }
  }
}

TEST(Importances, RankParametersByTheirWeights) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto h = random_history(
        a_space({"least=float(0,1)", "most=float(1e-6,1,log)", "some=int(0,500)"}), 500, seed,
        [](const auto& x) { return x[0] + 20 * std::abs(x[1] - 0.5) + 5 * std::abs(x[2] - 0.8); });
    const auto shares = h.judged().value();
    EXPECT_GT(shares[1], shares[2]) << "seed " << seed;
    EXPECT_GT(shares[2], shares[0]) << "seed " << seed;
  }
}

TEST(Importances, DoNotHangOnTheOrderOfTrialsOrOnTheScaleOfLosses) {
  auto h = random_history(a_space({"x=float(0,1)", "y=int(1,9)"}), 100, 3,
                          [](const auto& x) { return x[0] * x[0] + x[1]; });
  const auto shares = h.judged().value();
  auto reversed = h;
  std::ranges::reverse(reversed.points);
  std::ranges::reverse(reversed.losses);
  for (auto& loss : reversed.losses) loss = std::exp(loss) - 1000;
  const auto again = reversed.judged().value();
  for (std::size_t i = 0; i < shares.size(); ++i) EXPECT_NEAR(again[i], shares[i], 1e-12);
}

TEST(Importances, CountAParameterThatIsLeftOutAsMuchAsTheBestHaveIt) {
  // m is there for b alone, and decides there; the best have a.
  history h{.over = a_space({"o=choice(a,b)", "m=int(0,1)"})};
  draws from(1, 0);
  for (std::size_t n = 0; n < 200; ++n) {
    const auto m = from.below(2);
    if (n % 2 == 0)
      h.add({0, inactive}, from.unit());
    else
      h.add({1, m}, 10 + static_cast<double>(m));
  }
  EXPECT_THAT(h.judged().value(), ElementsAre(1, 0));
  for (auto& loss : h.losses) loss = -loss;  // now the best have b, and m = 1
  const auto shares = h.judged().value();
  EXPECT_GT(shares[1], 0.3);
}

TEST(Importances, TakeInfiniteLosses) {
  history h{.over = a_space({"x=choice(a,b)", "y=choice(c,d)"})};
  for (std::size_t n = 0; n < 20; ++n)
    h.add({n % 2, n / 10}, n % 2 == 0 ? 1 : std::numeric_limits<double>::infinity());
  EXPECT_THAT(h.judged().value(), ElementsAre(1, 0));
}

TEST(Importances, FindFewGoodTrialsAmongManyEqualOnes) {
  history h{.over = a_space({"x=choice(a,b)"})};
  for (std::size_t n = 0; n < 100; ++n) h.add({n < 4 ? 0U : 1U}, n < 4 ? 0 : 7);
  EXPECT_THAT(h.judged().value(), ElementsAre(1));
}

TEST(Importances, GiveAParameterOfOneValueNone) {
  history h{.over = a_space({"x=int(3,3)", "y=choice(c,d)"})};
  for (std::size_t n = 0; n < 20; ++n) h.add({0, n % 2}, static_cast<double>(n % 2));
  EXPECT_THAT(h.judged().value(), ElementsAre(0, 1));
}

TEST(Importances, SayWhyNothingCanBeTold) {
  const auto why = [](const history& h) { return h.judged().error(); };
  history h{.over = a_space({"x=int(0,9)"})};
  for (std::size_t n = 0; n < 3; ++n) h.add({n}, static_cast<double>(n));
  EXPECT_EQ(why(h).code, fault_code::not_found);
  EXPECT_THAT(why(h).detail, HasSubstr("3 complete trials are too few"));

  history same{.over = h.over};
  for (std::size_t n = 0; n < 10; ++n) same.add({n}, 5);
  EXPECT_THAT(why(same).detail, HasSubstr("all 10 complete trials have the same value"));

  history mixed{.over = a_space({"x=choice(a,b)"})};
  for (std::size_t n = 0; n < 20; ++n) mixed.add({n % 2}, static_cast<double>(n / 2));
  EXPECT_THAT(why(mixed).detail, HasSubstr("by more than chance"));
}

}  // namespace
}  // namespace fabric::tuner
