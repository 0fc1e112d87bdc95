#include "fabric/trial.hpp"

#include <gmock/gmock.h>

#include "fabric/error.hpp"
#include "tests/study/study_cases.hpp"

namespace fabric {
namespace {

using testing::HasSubstr;

trial sample() {
  return {"study/1",
          7,
          2,
          {{"n", std::int64_t{300}},
           {"lr", 0.5},
           {"opt", "\"adam\""},
           {"deep", "true"},
           {"layers", "3"}}};
}

TEST(Trial, GivesValuesAsWhatTheyAre) {
  const auto t = sample();
  EXPECT_EQ(t.get<int>("n"), 300);
  EXPECT_EQ(t.get<double>("n"), 300.0);
  EXPECT_EQ(t.get<float>("lr"), 0.5F);
  EXPECT_EQ(t.get<std::string>("opt"), "adam");
  EXPECT_TRUE(t.get<bool>("deep"));
  EXPECT_EQ(t.get<unsigned>("layers"), 3U);
  EXPECT_EQ(t.get<std::string>("layers"), "3");
  EXPECT_TRUE(t.has("lr"));
  EXPECT_FALSE(t.has("momentum"));
  EXPECT_EQ(t.json(), R"({"n":300,"lr":0.5,"opt":"adam","deep":true,"layers":3})");
}

TEST(Trial, SaysWhichValueIsNotWhatWasAskedFor) {
  const auto t = sample();
  EXPECT_THAT(refusal([&] { (void)t.get<int>("momentum"); }),
              HasSubstr("trial 7 has no parameter \"momentum\"; it has n, lr, opt, deep, layers"));
  EXPECT_THAT(refusal([&] { (void)t.get<int>("lr"); }), HasSubstr("no whole number"));
  EXPECT_THAT(refusal([&] { (void)t.get<signed char>("n"); }), HasSubstr("integer type"));
  EXPECT_THAT(refusal([&] { (void)t.get<double>("opt"); }), HasSubstr("no number"));
  EXPECT_THAT(refusal([&] { (void)t.get<bool>("n"); }), HasSubstr("no truth value"));
  EXPECT_THAT(refusal([&] { (void)t.get<std::string>("n"); }), HasSubstr("no choice"));
}

TEST(Trial, TravelsAsItIs) {
  const auto back = unpack<trial>(pack(sample()));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, sample());
}

TEST(Trial, CannotReportWhereNobodyListens) {
  EXPECT_THAT(refusal([] { (void)sample().report(1, 2); }),
              HasSubstr("outside of a function that study::optimize runs"));
}

}  // namespace
}  // namespace fabric
