#include "scheduler/tuner/json_value.hpp"

#include <gtest/gtest.h>

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

TEST(JsonValue, HasOneSpelling) {
  EXPECT_EQ(canonical_json("[1, 02.50, \"\\u00e9\" , [ ] ]"), std::nullopt) << "02.50";
  EXPECT_EQ(canonical_json("[1, 2.50, \"\\u00e9\" , [ ] ]"), "[1,2.5,\"\xc3\xa9\",[]]");
  EXPECT_EQ(canonical_json(R"({"b": [1, {"c": NaN}], "a": -Infinity})"),
            R"({"a":-Infinity,"b":[1,{"c":NaN}]})");
  EXPECT_EQ(canonical_json("nan"), "NaN");
  EXPECT_EQ(canonical_json("-inf"), "-Infinity");
}

TEST(JsonValue, WhatIsNoneHasNoSpelling) {
  for (const auto* text : {"",
                           "[",
                           "]",
                           "[1",
                           "1]",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{",
                           "{}}",
                           "{1:2}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,\"a\":2}",
                           "[1}",
                           "[[1]",
                           "[\"a]",
                           "[nope]",
                           "[99999999999999999999]",
                           "[\"\\ud800\"]"})
    EXPECT_EQ(canonical_json(text), std::nullopt) << text;
  EXPECT_TRUE(canonical_json(std::string(50, '[') + std::string(50, ']')));
  EXPECT_FALSE(canonical_json(std::string(9999, '[') + std::string(9999, ']')));
}

TEST(JsonValue, IsStrictWithWordsAsStrings) {
  EXPECT_EQ(strict_json(R"([NaN,"NaN \"-Infinity",{"Infinity":-Infinity}])"),
            R"(["nan","NaN \"-Infinity",{"Infinity":"-inf"}])");
}

TEST(JsonValue, HasAnArrayOutsideOfItsStringsOnly) {
  EXPECT_TRUE(has_array(R"({"a":[]})"));
  EXPECT_FALSE(has_array(R"({"a[":"[\"["})"));
}

TEST(JsonValue, PartsAreFoundByPlaceAndKey) {
  const auto all = json_elements(R"( [1, "a,]", [2, 3], {"b": 4}] )");
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, (std::vector<std::string_view>{"1", "\"a,]\"", "[2, 3]", "{\"b\": 4}"}));
  EXPECT_EQ(json_member(R"({"a": {"b": 1}, "b": [2]})", "b"), "[2]");
  EXPECT_EQ(json_member(R"({"a": 1})", "b"), std::nullopt);
  EXPECT_EQ(json_member("[1]", "b"), std::nullopt);
}

TEST(JsonValue, MayBeAChoice) {
  const auto s = a_space({"x=choice([64, 32],float(nan),NaN)"});
  EXPECT_EQ(s.size(), 3u);
  EXPECT_EQ(s.json_of({0}), R"({"x":[64,32]})");
  EXPECT_EQ(s.json_of({1}), R"({"x":"nan"})");
  EXPECT_EQ(s.json_of({2}), R"({"x":"NaN"})");
  EXPECT_EQ(s.text_of({0}, 0), "[64,32]");
  EXPECT_EQ(s.text_of({1}, 0), "nan");
  EXPECT_EQ(s.coordinate_of("[64,  32]", 0), 0u);
  EXPECT_EQ(s.coordinate_of("nan", 0), 1u);
  EXPECT_NE(canonical_key(s, {1}), canonical_key(s, {2}));
}

}  // namespace
}  // namespace fabric::tuner
