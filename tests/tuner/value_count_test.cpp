#include "scheduler/tuner/value_count.hpp"

#include <gtest/gtest.h>

namespace fabric::tuner {
namespace {

TEST(ValueCount, ShowsAMistakeWhereTheFirstResultHasAnotherNumber) {
  EXPECT_TRUE(value_count{2}.shows_mistake(1));
  EXPECT_TRUE(value_count{1}.shows_mistake(3));
  EXPECT_FALSE(value_count{2}.shows_mistake(2));
}

TEST(ValueCount, LearnsNothingFromFailures) {
  value_count two{2};
  EXPECT_FALSE(two.shows_mistake(0));
  EXPECT_TRUE(two.shows_mistake(1)) << "still the first result";
}

TEST(ValueCount, TakesALaterWrongNumberForATrialsOwn) {
  value_count two{2};
  EXPECT_FALSE(two.shows_mistake(2));
  EXPECT_FALSE(two.shows_mistake(1));
}

TEST(ValueCount, TakesThreeResultsWithoutAValueForAMistakeWhereNoneHadOneBefore) {
  value_count one{1};
  EXPECT_FALSE(one.lacks_value());
  EXPECT_FALSE(one.shows_mistake(0)) << "a command that failed says nothing";
  EXPECT_FALSE(one.lacks_value());
  EXPECT_TRUE(one.lacks_value());
  value_count other{1};
  EXPECT_FALSE(other.shows_mistake(1));
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(other.lacks_value());
}

TEST(ValueCount, IsSpelledForPeople) {
  EXPECT_EQ(miscount(1, 2), "1 value for 2 objectives");
  EXPECT_EQ(miscount(2, 1), "2 values for 1 objective");
}

}  // namespace
}  // namespace fabric::tuner
