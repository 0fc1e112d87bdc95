#include "actors/tune/point_words.hpp"

#include <gtest/gtest.h>

namespace fabric::actors {
namespace {

tuner::space over_these(std::initializer_list<const char*> texts) {
  std::vector<tuner::parameter> parameters;
  for (const auto* text : texts) parameters.push_back(tuner::parse_parameter(text).value());
  return tuner::space::make(std::move(parameters)).value();
}

TEST(PointWords, NameParametersAsTheyAreCalledOrInQuotes) {
  const auto over = over_these({"\"optim/lr\"=int(1,9)", "\"a=b\"=int(0,9)", "a=choice('b=3',c)"});
  const auto where = point_in(over, {"optim/lr=5", "a=b=7", "a=c"});
  ASSERT_TRUE(where) << where.error().detail;
  EXPECT_EQ(*where, (tuner::point{4, 7, 1}));
  EXPECT_EQ(point_in(over, {"\"optim/lr\"=5", "\"a=b\"=7", "a=c"}).value(), *where);
  const auto unknown = point_in(over, {"lr=5"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().hint, "the parameters are \"optim/lr\", \"a=b\", a");
}

TEST(PointWords, HaveListsAndNumbersThatJsonLacks) {
  const auto over = over_these({"x=choice([64,32],float(nan),NaN,nan)"});
  EXPECT_EQ(point_in(over, {"x=[64, 32]"}).value(), tuner::point{0});
  EXPECT_EQ(point_in(over, {"x=nan"}).value(), tuner::point{1}) << "as of 3 and '3'";
  EXPECT_EQ(point_in(over, {"x=\"nan\""}).value(), tuner::point{3});
}

}  // namespace
}  // namespace fabric::actors
