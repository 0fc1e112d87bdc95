#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "scheduler/tuner/float_grid.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

/// "-1.05" for -105: written by integer arithmetic, apart from the code under test.
std::string hundredths(long n) {
  const long size = n < 0 ? -n : n;
  std::string text = n < 0 ? "-" : "";
  text += std::to_string(size / 100);
  if (size % 100 == 0) return text;
  text += '.';
  text += static_cast<char>('0' + size % 100 / 10);
  if (size % 10 != 0) text += static_cast<char>('0' + size % 10);
  return text;
}

TEST(FloatGrid, TenthsFromZeroToOnePrintAsPeopleWriteThem) {
  const auto s = a_space({"p=float(0,1,step=0.1)"});
  ASSERT_EQ(s.size(), 11u);
  std::string all;
  for (std::uint64_t k = 0; k < 11; ++k) all += s.text_of(s.at(k), 0) + ' ';
  EXPECT_EQ(all, "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 ");
  EXPECT_EQ(s.json_of(s.at(0)), R"({"p":0.0})");
  EXPECT_EQ(s.json_of(s.at(10)), R"({"p":1.0})");
}

TEST(FloatGrid, EveryValueIsTheDecimalOfItsIndexInThousandsOfRanges) {
  std::uint64_t ranges = 0;
  std::uint64_t values = 0;
  for (long low = -100; low <= 100; ++low) {
    for (long step = 1; step <= 60; ++step) {
      const long high = low + 20 * step + (step > 1 ? step / 2 : 0);
      const auto text =
          "x=float(" + hundredths(low) + ',' + hundredths(high) + ",step=" + hundredths(step) + ')';
      const auto p = parse_parameter(text);
      ASSERT_TRUE(p) << text << ": " << p.error().detail;
      const auto s = space::make({*p}).value();
      ASSERT_EQ(s.size(), 21u) << text;
      for (std::uint64_t k = 0; k <= 20; ++k) {
        const auto expected = hundredths(low + static_cast<long>(k) * step);
        const auto where = s.at(k);
        const double x = std::get<double>(s.value_of(where, 0));
        ASSERT_EQ(x, std::stod(expected)) << text;
        ASSERT_EQ(s.text_of(where, 0), expected) << text;
        ASSERT_EQ(s.coordinate_of(x, 0), k) << text;
        ++values;
      }
      ++ranges;
    }
  }
  EXPECT_EQ(ranges, 12'060u);
  EXPECT_EQ(values, 253'260u);
}

TEST(FloatGrid, EndsOnItsHighOrBelowItAndNeverAbove) {
  EXPECT_EQ(a_space({"x=float(0,0.3,step=0.1)"}).size(), 4u);
  EXPECT_EQ(a_space({"x=float(0,0.29999,step=0.1)"}).size(), 3u);
  EXPECT_EQ(a_space({"x=float(-0.35,0,step=0.1)"}).size(), 4u);
  EXPECT_EQ(a_space({"x=float(-0.35,-0.05,step=0.1)"}).size(), 4u);
  EXPECT_EQ(a_space({"x=float(0.5,0.6,step=1)"}).size(), 1u);
  EXPECT_EQ(a_space({"x=float(1,1,step=0.1)"}).size(), 1u);
  EXPECT_EQ(a_space({"x=float(-7.3,19.7,step=0.0000001)"}).size(), 270'000'001u);
}

TEST(FloatGrid, KeepsItsDecimalsFarFromOne) {
  const auto tiny = a_space({"x=float(1e-9,1e-8,step=1e-9)"});
  ASSERT_EQ(tiny.size(), 10u);
  EXPECT_EQ(tiny.text_of({6}, 0), "7e-09");
  const auto huge = a_space({"x=float(0,1e20,step=1e19)"});
  ASSERT_EQ(huge.size(), 11u);
  EXPECT_EQ(huge.text_of({3}, 0), "3e+19");
}

TEST(FloatGrid, ValuesBetweenTheStepsAreNotOnIt) {
  const auto s = a_space({"x=float(0,1,step=0.1)"});
  for (const double x : {0.05, 0.30000000000000004, 1.1, -0.1})
    EXPECT_FALSE(s.coordinate_of(x, 0)) << x;
  EXPECT_EQ(s.coordinate_of(0.3, 0), 3u);
  EXPECT_EQ(s.coordinate_of(-0.0, 0), 0u);
  EXPECT_EQ(s.coordinate_of(std::int64_t{1}, 0), 10u);
}

/// As Optuna 3.1 counts suggest_float("e", 1/3, 2, step=1/7).
TEST(FloatGrid, OfNoShortDecimalsIsLowAndStepsInDoubles) {
  const auto s = a_space({"e=float(0.3333333333333333,2,step=0.14285714285714285)"});
  ASSERT_EQ(s.size(), 12u);
  const double low = 0.3333333333333333;
  const double step = 0.14285714285714285;
  for (std::uint64_t k = 0; k < 12; ++k) {
    const double place = low + static_cast<double>(k) * step;
    EXPECT_EQ(std::get<double>(s.value_of({k}, 0)), place);
    EXPECT_EQ(s.coordinate_of(place, 0), k);
    EXPECT_FALSE(s.coordinate_of(std::nextafter(place, 9), 0));
  }
  EXPECT_FALSE(s.coordinate_of(low + 12 * step, 0));
  EXPECT_FALSE(s.coordinate_of(low - step, 0));
  EXPECT_EQ(s.text_of({5}, 0), "1.0476190476190474");
}

/// Optuna rounds the end down to a step in decimals, and then to a double below that.
TEST(FloatGrid, HasItsEndWhereRoundingMovedIt) {
  const auto s = a_space({"e=float(0.1,1.633333333333333,step=0.03333333333333333)"});
  ASSERT_EQ(s.size(), 47u);
  EXPECT_EQ(std::get<double>(s.value_of({46}, 0)), 1.633333333333333);
  EXPECT_EQ(s.coordinate_of(1.633333333333333, 0), 46u);
}

TEST(FloatGrid, ValuesThatRoundingWouldMakeEqualAreRefused) {
  EXPECT_TRUE(parse_parameter("x=float(0.3333333333333333,2,step=1e-14)"));
  EXPECT_FALSE(parse_parameter("x=float(0.3333333333333333,2,step=1e-15)"));
  EXPECT_FALSE(parse_parameter("x=float(1234567890123456789,1234567890123466789,step=100)"));
}

TEST(FloatGrid, BuiltInCodeMustCarryMatchingDecimals) {
  float_range range{0, 1, false, 0.1, {}, decimal_of(0.1)};
  EXPECT_TRUE(space::make({{"x", range}}));
  range.exact_step = decimal{2, -1};
  EXPECT_FALSE(space::make({{"x", range}}));
}

}  // namespace
}  // namespace fabric::tuner
