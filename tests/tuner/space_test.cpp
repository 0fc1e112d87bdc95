#include "scheduler/tuner/space.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "scheduler/tuner/json_text.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

constexpr auto int64_min = std::numeric_limits<std::int64_t>::min();
constexpr auto int64_max = std::numeric_limits<std::int64_t>::max();

TEST(Space, LastParameterTurnsFastest) {
  const auto s = a_space({"x=int(10,20,step=5)", "o=choice(a,b)", "p=float(0,0.1,step=0.1)"});
  ASSERT_EQ(s.size(), 12u);
  EXPECT_EQ(s.json_of(s.at(0)), R"({"x":10,"o":"a","p":0.0})");
  EXPECT_EQ(s.json_of(s.at(1)), R"({"x":10,"o":"a","p":0.1})");
  EXPECT_EQ(s.json_of(s.at(2)), R"({"x":10,"o":"b","p":0.0})");
  EXPECT_EQ(s.json_of(s.at(11)), R"({"x":20,"o":"b","p":0.1})");
  for (std::uint64_t rank = 0; rank < 12; ++rank) EXPECT_EQ(s.rank_of(s.at(rank)), rank);
}

TEST(Space, ProductsBeyond64BitsHaveNoSizeButStayDiscrete) {
  EXPECT_EQ(a_space({"x=int(0,4294967295)", "y=int(1,4294967295)"}).size(),
            4294967296u * 4294967295u);
  const auto over = a_space({"x=int(0,4294967295)", "y=int(0,4294967295)"});
  EXPECT_FALSE(over.size());
  EXPECT_TRUE(over.is_discrete());
  const auto mixed = a_space({"x=int(0,1)", "y=float(0,1)"});
  EXPECT_FALSE(mixed.size());
  EXPECT_FALSE(mixed.is_discrete());
}

TEST(Space, WholeInt64RangeDoesNotOverflow) {
  const auto s = a_space({"x=int(-9223372036854775808,9223372036854775807)"});
  EXPECT_FALSE(s.size());
  EXPECT_TRUE(s.is_discrete());
  EXPECT_EQ(s.coordinate_of(int64_min, 0), 0u);
  EXPECT_EQ(s.coordinate_of(int64_max, 0), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(s.value_of({std::numeric_limits<std::uint64_t>::max()}, 0), value{int64_max});
  const auto stepped =
      a_space({"x=int(-9223372036854775808,9223372036854775807,step=9223372036854775807)"});
  ASSERT_EQ(stepped.size(), 3u);
  EXPECT_EQ(stepped.value_of({1}, 0), value{std::int64_t{-1}});
  EXPECT_EQ(stepped.value_of({2}, 0), value{int64_max - 1});
}

TEST(Space, NamesEachParameterOnceAndNeedsOne) {
  const auto x = parse_parameter("x=int(1,2)").value();
  EXPECT_EQ(space::make({x, x}).error().detail, "parameter x is given twice");
  EXPECT_FALSE(space::make({}));
  std::vector<parameter> many(parameters_max + 1, x);
  for (std::size_t i = 0; i < many.size(); ++i) many[i].name += std::to_string(i);
  EXPECT_EQ(space::make(many).error().detail, "1001 parameters are too many");
  many.pop_back();
  EXPECT_TRUE(space::make(many));
}

TEST(Space, RangesBuiltInCodeAreCheckedToo) {
  EXPECT_FALSE(space::make({{"x", int_range{1, 2, 0}}}));
  EXPECT_FALSE(space::make({{"x", float_range{0, std::nan("")}}}));
  EXPECT_FALSE(space::make({{"x", float_range{0, HUGE_VAL}}}));
  EXPECT_FALSE(space::make({{"x", category{{"adam"}}}}));
  EXPECT_TRUE(space::make({{"x", category{{"\"adam\""}}}}));
}

TEST(Space, FixedFloatHasOneValue) {
  const auto s = a_space({"x=float(0.5,0.5)"});
  EXPECT_EQ(s.size(), 1u);
  EXPECT_EQ(s.text_of(s.at(0), 0), "0.5");
  EXPECT_EQ(s.coordinate_of(0.5, 0), 0u);
}

TEST(Space, DeclaredTypeUnitesOneAndOnePointZero) {
  const auto s =
      a_space({"i=int(0,10,step=2)", "f=float(0,10)", "c=choice(1,1.0,'1',\"caf\\u00e9\")"});
  EXPECT_EQ(s.coordinate_of(4.0, 0), 2u);
  EXPECT_FALSE(s.coordinate_of(4.5, 0));
  EXPECT_FALSE(s.coordinate_of(std::int64_t{5}, 0));
  EXPECT_FALSE(s.coordinate_of(std::int64_t{12}, 0));
  EXPECT_FALSE(s.coordinate_of(1e300, 0));
  EXPECT_FALSE(s.coordinate_of(std::nan(""), 0));
  EXPECT_EQ(s.coordinate_of(std::int64_t{4}, 1), std::bit_cast<coordinate>(4.0));
  EXPECT_EQ(s.coordinate_of(-0.0, 1), std::bit_cast<coordinate>(0.0));
  EXPECT_FALSE(s.coordinate_of(std::nan(""), 1));
  EXPECT_FALSE(s.coordinate_of(10.5, 1));
  EXPECT_EQ(s.coordinate_of(std::string{"1"}, 2), 0u);
  EXPECT_EQ(s.coordinate_of(std::string{"1.00"}, 2), 1u);
  EXPECT_EQ(s.coordinate_of(std::string{"\"1\""}, 2), 2u);
  EXPECT_EQ(s.coordinate_of(std::string{"\"caf\xc3\xa9\""}, 2), 3u);
  EXPECT_EQ(s.coordinate_of(std::string{"\"caf\\u00e9\""}, 2), 3u);
  EXPECT_FALSE(s.coordinate_of(std::string{"adam"}, 2));
}

TEST(Space, ChoicesLoseTheirQuotesInTextAndKeepThemInJson) {
  const auto s = a_space({R"(c=choice("say \"hi\"",null,2.50))"});
  EXPECT_EQ(s.text_of({0}, 0), "say \"hi\"");
  EXPECT_EQ(s.text_of({1}, 0), "null");
  EXPECT_EQ(s.text_of({2}, 0), "2.5");
  EXPECT_EQ(s.json_of({0}), R"({"c":"say \"hi\""})");
}

TEST(Space, ContainsOnlyPointsOfItsShapeAndRanges) {
  const auto s = a_space({"x=int(1,3)", "y=float(0,1)"});
  const auto bits = [](double x) { return std::bit_cast<coordinate>(x); };
  EXPECT_TRUE(s.contains({2, bits(0.5)}));
  EXPECT_FALSE(s.contains({3, bits(0.5)}));
  EXPECT_FALSE(s.contains({2}));
  EXPECT_FALSE(s.contains({2, bits(1.5)}));
  EXPECT_FALSE(s.contains({2, bits(-0.0)}));
  EXPECT_FALSE(s.contains({2, bits(std::nan(""))}));
}

TEST(JsonText, ReplacesWhatIsNotUtf8AndEscapesControls) {
  EXPECT_EQ(json_quoted("a\xff\n\x01\"\\"), "\"a\xEF\xBF\xBD\\n\\u0001\\\"\\\\\"");
  EXPECT_EQ(json_quoted("\xed\xa0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(json_unquoted(R"("\ud83d\ude00\/")"), "\xF0\x9F\x98\x80/");
  EXPECT_FALSE(json_unquoted("\"a"));
  EXPECT_FALSE(
      json_unquoted("\"\""
                    "\""));
}

}  // namespace
}  // namespace fabric::tuner
