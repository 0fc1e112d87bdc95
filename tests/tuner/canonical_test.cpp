#include <gtest/gtest.h>

#include <string>

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

using namespace std::string_literals;

TEST(CanonicalKey, IsTheseBytes) {
  const auto s = a_space({"z=int(-2,5)", "b=choice(a)", "a.b=float(0,1,step=0.5)"});
  EXPECT_EQ(canonical_key(s, {1, 0, 2}),
            "\x03\0\0\0a.b\x01\0\0\0\0\0\0\xf0\x3f"s
            "\x01\0\0\0b\x02\x03\0\0\0\"a\""s
            "\x01\0\0\0z\0\xff\xff\xff\xff\xff\xff\xff\xff"s);
}

TEST(CanonicalKey, DoesNotDependOnTheOrderOrTheBoundsOfTheRanges) {
  const auto narrow = a_space({"x=int(5,10)", "o=choice(a,b)"});
  const auto wide = a_space({"o=choice(c,b)", "x=int(1,100)"});
  EXPECT_EQ(canonical_key(narrow, {2, 1}), canonical_key(wide, {1, 6}));
}

TEST(CanonicalKey, TellsKindsAndValuesApart) {
  const auto i = a_space({"x=int(1,2)"});
  const auto f = a_space({"x=float(1,2,step=1)"});
  const auto c = a_space({"x=choice(1,2)"});
  EXPECT_NE(canonical_key(i, {0}), canonical_key(f, {0}));
  EXPECT_NE(canonical_key(i, {0}), canonical_key(c, {0}));
  EXPECT_NE(canonical_key(i, {0}), canonical_key(i, {1}));
}

TEST(CanonicalKey, IsOneForTheSameDoubleOnAndOffAGrid) {
  const auto grid = a_space({"x=float(0,1,step=0.1)"});
  const auto open = a_space({"x=float(0,1)"});
  EXPECT_EQ(canonical_key(grid, {3}), canonical_key(open, {*open.coordinate_of(0.3, 0)}));
}

}  // namespace
}  // namespace fabric::tuner
