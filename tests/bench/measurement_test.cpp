#include "bench/harness/measurement.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fabric::bench {
namespace {

TEST(Measurement, ComesBackFromJsonAsItWas) {
  measurement m{.case_name = "calls", .figure = "p50", .unit = "us", .value = 3};
  m.wanted = aim{aim::measure::ratio, aim::side::at_most, 2.5};
  m.published = published_figure{"Ray", 1050, "us", "64 vCPUs", "a file"};
  m.point = curve_point{"all clients", "clients", 8};
  const nlohmann::json once = m;
  const nlohmann::json twice = once.get<measurement>();
  EXPECT_EQ(once, twice);
  EXPECT_EQ(once["published"]["value"], 1050);
  EXPECT_EQ(once["point"]["x"], 8);
}

TEST(Measurement, HasNoPublishedFigureAndNoPointWhereNoneWasGiven) {
  const nlohmann::json once = measurement{.case_name = "calls"};
  EXPECT_TRUE(once["published"].is_null());
  EXPECT_TRUE(once["point"].is_null());
  EXPECT_FALSE(once.get<measurement>().published.has_value());
  EXPECT_FALSE(once.get<measurement>().point.has_value());
}

TEST(Measurement, IsBetterWithLessOnlyWhereItIsNoRate) {
  EXPECT_TRUE(less_is_better({.unit = "us"}));
  EXPECT_TRUE(less_is_better({.unit = "MB"}));
  EXPECT_FALSE(less_is_better({.unit = "calls/s"}));
  EXPECT_FALSE(less_is_better({.unit = "GiB/s"}));
}

TEST(Measurement, ShowsThreeOrFourFiguresOfANumber) {
  EXPECT_EQ(number_text(0.1234), "0.123");
  EXPECT_EQ(number_text(12.34), "12.34");
  EXPECT_EQ(number_text(123.4), "123.4");
  EXPECT_EQ(number_text(1234567), "1,234,567");
  EXPECT_EQ(number_text(-1234), "-1,234");
}

}  // namespace
}  // namespace fabric::bench
