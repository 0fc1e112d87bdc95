#include "actors/plots/scale.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/plots/a_study.hpp"

namespace fabric::plots {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using spacing = scale::spacing;

std::vector<std::string> texts(const scale& of, std::size_t most) {
  std::vector<std::string> all;
  for (const auto& one : of.ticks(most)) all.push_back(one.text);
  return all;
}

TEST(Ticks, AreRoundNumbersWithoutNoise) {
  EXPECT_THAT(texts(scale::of_numbers(0, 1), 5), ElementsAre("0", "0.5", "1.0"));
  EXPECT_THAT(texts(scale::of_numbers(0, 0.3), 4), ElementsAre("0", "0.1", "0.2", "0.3"));
  EXPECT_THAT(texts(scale::of_numbers(-20, 20), 5), ElementsAre("-20", "-10", "0", "10", "20"));
  EXPECT_THAT(texts(scale::of_numbers(0, 3e6), 4), ElementsAre("0", "1e6", "2e6", "3e6"));
}

TEST(Ticks, OfWholeNumbersAreWhole) {
  EXPECT_THAT(texts(scale::of_numbers(0, 3, spacing::whole), 12), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(texts(scale::of_numbers(4, 4, spacing::whole), 12), ElementsAre("4"));
}

TEST(Ticks, OfALogarithmicAxisAreItsDecades) {
  EXPECT_THAT(texts(scale::of_numbers(1e-5, 0.1, spacing::logarithmic), 6),
              ElementsAre("1e-5", "0.0001", "0.001", "0.01", "0.1"));
  EXPECT_THAT(texts(scale::of_numbers(1, 20, spacing::logarithmic), 6),
              ElementsAre("1", "2", "5", "10", "20"));
}

TEST(Ticks, OfALogarithmicAxisThatSpansLittleAreEven) {
  const auto few = texts(scale::of_numbers(2.1, 2.9, spacing::logarithmic), 5);
  EXPECT_GE(few.size(), 2U);
}

TEST(Ticks, OfManyNamesAreSomeOfThem) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back(std::to_string(i));
  EXPECT_THAT(texts(scale::of_names(names), 4), ElementsAre("0", "25", "50", "75"));
}

TEST(Scale, KeepsAllNumbersInside) {
  constexpr double most = std::numeric_limits<double>::max();
  for (const auto& of :
       {scale::of_numbers(-most, most), scale::of_numbers(5, 5), scale::of_numbers(0, 0),
        scale::of_numbers(1e-300, 1e300), scale::of_numbers(1e-300, 1e300, spacing::logarithmic)}) {
    for (const double value : {-most, -1.0, 0.0, 1e-300, 5.0, most, HUGE_VAL, -HUGE_VAL})
      EXPECT_THAT(of.share_of(value), AllOf(Ge(0), Le(1)));
    EXPECT_LE(of.ticks(8).size(), 16U);
  }
}

TEST(Scale, OfValuesIsLogarithmicWhereTheySpanThreeDecades) {
  EXPECT_TRUE(scale::of_values({0.001, 2}).is_logarithmic());
  EXPECT_FALSE(scale::of_values({0.01, 2}).is_logarithmic());
  EXPECT_FALSE(scale::of_values({0, 1e9}).is_logarithmic());
  EXPECT_FALSE(scale::of_values({HUGE_VAL}).is_logarithmic());
}

TEST(ParameterScale, HasTheChoicesThatOccurInTheirOrder) {
  a_study s({"o=choice(a,b,c,d)"});
  s.add({3}, 1);
  s.add({1}, 1);
  const parameter_scale of(s.what(), 0);
  EXPECT_THAT(texts(of.along(), 9), ElementsAre("b", "d"));
  EXPECT_DOUBLE_EQ(*of.share_of(s.rows[0]), 0.75);
  EXPECT_DOUBLE_EQ(*of.share_of(s.rows[1]), 0.25);
}

TEST(ParameterScale, NamesTheChoicesOfAParameterThatHangsOnAnother) {
  a_study s({"k=choice(a,b)", "o=choice(c,d) if k=b"});
  s.add({0, tuner::inactive}, 1);
  s.add({1, 1}, 1);
  EXPECT_THAT(texts(parameter_scale(s.what(), 1).along(), 9), ElementsAre("d"));
}

TEST(ParameterScale, FollowsLogarithmsAndSaysSo) {
  a_study s({"lr=float(1e-4,1,log)", "n=int(1,10000,log)"});
  s.add({std::bit_cast<tuner::coordinate>(1e-2), 99}, 1);
  const parameter_scale lr(s.what(), 0);
  EXPECT_EQ(lr.title(), "lr (log)");
  EXPECT_NEAR(*lr.share_of(s.rows[0]), 0.5, 1e-12);
  EXPECT_NEAR(*parameter_scale(s.what(), 1).share_of(s.rows[0]), 0.5, 1e-12);
}

TEST(ParameterScale, HasNoPlaceForATrialWithoutTheParameter) {
  a_study s({"x=int(0,9)"});
  s.add({tuner::inactive}, 1);
  s.add({}, 1);
  const parameter_scale of(s.what(), 0);
  EXPECT_FALSE(of.share_of(s.rows[0]));
  EXPECT_FALSE(of.share_of(s.rows[1]));
}

}  // namespace
}  // namespace fabric::plots
