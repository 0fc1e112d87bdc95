#include "scheduler/tuner/best_trials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace fabric::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

trial complete(trial_number n, std::vector<double> values, std::vector<double> constraints = {}) {
  trial row;
  row.number = n;
  row.state = trial_state::complete;
  row.values = std::move(values);
  row.constraints = std::move(constraints);
  return row;
}

std::vector<trial_number> numbers(const best_trials& best) {
  std::vector<trial_number> all;
  for (const auto& row : best.all()) all.push_back(row.number);
  return all;
}

TEST(BestTrials, OfOneObjectiveAreTheFirstWithTheBestValue) {
  best_trials best({direction::maximize});
  EXPECT_EQ(best.one(), nullptr);
  EXPECT_TRUE(best.add(complete(3, {5})));
  EXPECT_FALSE(best.add(complete(4, {5})));
  EXPECT_TRUE(best.add(complete(2, {5})));
  EXPECT_FALSE(best.add(complete(5, {4})));
  EXPECT_EQ(best.one()->number, 2U);
  EXPECT_TRUE(best.add(complete(6, {7})));
  EXPECT_THAT(numbers(best), ElementsAre(6U));
}

TEST(BestTrials, OfSeveralObjectivesAreThoseThatNoneDominates) {
  best_trials best({direction::minimize, direction::maximize});
  EXPECT_TRUE(best.add(complete(4, {3, 3})));
  EXPECT_TRUE(best.add(complete(1, {1, 1})));
  EXPECT_TRUE(best.add(complete(2, {2, 2})));
  EXPECT_FALSE(best.add(complete(3, {2, 1})));
  EXPECT_TRUE(best.add(complete(5, {2, 2}))) << "an equal one is as good";
  EXPECT_THAT(numbers(best), ElementsAre(1U, 2U, 4U, 5U));
  EXPECT_EQ(best.one(), nullptr) << "there is no single best one";
  EXPECT_TRUE(best.add(complete(6, {1, 2.5})));
  EXPECT_THAT(numbers(best), ElementsAre(4U, 6U));
}

TEST(BestTrials, AreFeasible) {
  best_trials best({direction::minimize});
  EXPECT_FALSE(best.add(complete(0, {1}, {-1, 0.5})));
  EXPECT_FALSE(best.add(complete(1, {1}, {std::nan("")}))) << "nobody knows";
  EXPECT_TRUE(best.add(complete(2, {9}, {0, -3})));
  EXPECT_THAT(numbers(best), ElementsAre(2U));
}

TEST(BestTrials, AreCompleteWithAFiniteValueAnObjective) {
  best_trials best({direction::minimize, direction::minimize});
  auto pruned = complete(0, {1, 1});
  pruned.state = trial_state::pruned;
  for (const auto& row : {pruned, complete(1, {1}), complete(2, {}), complete(3, {1, 1, 1}),
                          complete(4, {1, -HUGE_VAL})})
    EXPECT_FALSE(best.add(row)) << row.number;
  EXPECT_THAT(best.all(), IsEmpty());
}

}  // namespace
}  // namespace fabric::tuner
