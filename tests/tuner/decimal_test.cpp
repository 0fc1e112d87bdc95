#include "scheduler/tuner/decimal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace fabric::tuner {
namespace {

TEST(Decimal, IsHeldAsTypedWithoutTrailingZeros) {
  EXPECT_EQ(parse_decimal("0.10"), (decimal{1, -1}));
  EXPECT_EQ(parse_decimal("-12.5e3"), (decimal{-125, 2}));
  EXPECT_EQ(parse_decimal("1000"), (decimal{1, 3}));
  EXPECT_EQ(parse_decimal("-0.000"), (decimal{0, 0}));
  EXPECT_EQ(parse_decimal(".5"), (decimal{5, -1}));
  EXPECT_EQ(parse_decimal("+5."), (decimal{5, 0}));
}

TEST(Decimal, RefusesWhatIsNoNumberOrTooLong) {
  for (const auto* text :
       {"", "+", ".", "e5", "1e", "1e+", "1 2", "0x10", "nan", "inf", "1.2.3", "--1"})
    EXPECT_FALSE(parse_decimal(text)) << text;
  EXPECT_TRUE(parse_decimal("123456789012345678"));
  EXPECT_FALSE(parse_decimal("1234567890123456789"));
}

TEST(Decimal, OutsideTheDoublesIsNoDouble) {
  EXPECT_FALSE(parse_double("1e309"));
  EXPECT_FALSE(parse_double("1e99999999999999999999"));
  EXPECT_EQ(parse_double("+1.5"), 1.5);
  EXPECT_FALSE(std::signbit(*parse_double("-0")));
}

TEST(Decimal, WholeNumbersKnowTheirBounds) {
  EXPECT_EQ(parse_int("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_int("+7"), 7);
  for (const auto* text : {"9223372036854775808", "", "-", "+-1", "1.0", "1e3"})
    EXPECT_FALSE(parse_int(text)) << text;
}

TEST(Decimal, TextIsShortestAndPlain) {
  EXPECT_EQ(shortest_text(0.0), "0");
  EXPECT_EQ(shortest_text(0.1), "0.1");
  EXPECT_EQ(shortest_text(-12.5), "-12.5");
  EXPECT_EQ(shortest_text(100000), "100000");
  EXPECT_EQ(shortest_text(0.0001), "0.0001");
  EXPECT_EQ(shortest_text(0.00001), "1e-05");
  EXPECT_EQ(shortest_text(1e16), "1e+16");
  EXPECT_EQ(shortest_text(1.25e300), "1.25e+300");
  EXPECT_EQ(shortest_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest_text(5e-324), "5e-324");
}

TEST(Decimal, FlooringGoesDownOnBothSidesOfZero) {
  EXPECT_EQ(in_units_floor(decimal{15, -1}, 0), 1);
  EXPECT_EQ(in_units_floor(decimal{-15, -1}, 0), -2);
  EXPECT_EQ(in_units_floor(decimal{-1, -300}, 0), -1);
  EXPECT_EQ(in_units_floor(decimal{1, -300}, 0), 0);
  EXPECT_EQ(in_units_floor(decimal{1, 15}, 0), std::nullopt);
  EXPECT_EQ(in_units(decimal{15, -1}, 0), std::nullopt);
}

}  // namespace
}  // namespace fabric::tuner
