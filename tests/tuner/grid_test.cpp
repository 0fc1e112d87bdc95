#include <gtest/gtest.h>

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

TEST(FloatGrid, BuiltInCodeMustCarryMatchingDecimals) {
  float_range range{0, 1, false, 0.1, {}, decimal_of(0.1)};
  EXPECT_TRUE(space::make({{"x", range}}));
  range.exact_step = decimal{2, -1};
  EXPECT_FALSE(space::make({{"x", range}}));
}

}  // namespace
}  // namespace fabric::tuner
