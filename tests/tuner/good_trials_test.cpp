#include "scheduler/tuner/samplers/good_trials.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {
namespace {

using numbers = std::vector<std::size_t>;

outcome complete(losses all) { return {.state = trial_state::complete, .losses = std::move(all)}; }

TEST(GoodTrials, AreTheCompleteOnesWithTheLeastLoss) {
  good_trials good(3);
  const double values[] = {5, 1, 4, 1, 0, 9, std::nan("")};
  for (std::size_t i = 0; i < std::size(values); ++i) good.add(i, complete({values[i]}));
  EXPECT_EQ(good.best(1), numbers{4});
  EXPECT_EQ(good.best(2), (numbers{4, 1}));  // of equal ones the first
  EXPECT_EQ(good.best(3), (numbers{4, 1, 3}));
}

TEST(GoodTrials, FillUpWithPrunedOnesThatCameFarAndThenWithInfeasibleOnes) {
  good_trials good(8);
  good.add(0, {.state = trial_state::complete, .losses = {0}, .violation = 2});
  good.add(1, {.state = trial_state::complete, .losses = {9}, .violation = 1});
  good.add(2, {.state = trial_state::pruned});
  good.add(3, {.state = trial_state::pruned, .last_report = outcome::report{2, 5}});
  good.add(4, {.state = trial_state::pruned, .last_report = outcome::report{7, 6}});
  good.add(5, {.state = trial_state::pruned, .last_report = outcome::report{7, 3}});
  good.add(6, complete({100}));
  EXPECT_EQ(good.best(1), numbers{6});
  EXPECT_EQ(good.best(2), (numbers{6, 5}));
  EXPECT_EQ(good.best(3), (numbers{6, 5, 4}));
  EXPECT_EQ(good.best(4), (numbers{6, 5, 4, 3}));
  EXPECT_EQ(good.best(5), (numbers{6, 5, 4, 3, 2}));
  EXPECT_EQ(good.best(6), (numbers{6, 5, 4, 3, 2, 1}));
}

TEST(GoodTrials, OfSeveralObjectivesAreThoseThatNoneDominates) {
  good_trials good(6);
  good.add(0, complete({3, 3}));
  good.add(1, complete({1, 4}));
  good.add(2, complete({4, 1}));
  good.add(3, complete({2, 2}));
  good.add(4, complete({9, 9}));
  good.add(5, {.state = trial_state::pruned});
  EXPECT_EQ(good.best(5), (numbers{1, 2, 3, 0, 4}));
}

TEST(GoodTrials, OfSeveralObjectivesKeepTheFrontAndItsEnds) {
  good_trials good(20);
  draws from(2, 0);
  for (std::size_t i = 0; i < 5000; ++i) {
    const double x = static_cast<double>(i) / 4999;
    const double off = i % 10 == 0 ? 0 : 0.01 + from.unit();
    good.add(i, complete({x + off, 1 - x + off}));
  }
  auto best = good.best(20);
  std::ranges::sort(best);
  EXPECT_EQ(best.size(), 20U);
  EXPECT_TRUE(std::ranges::all_of(best, [](std::size_t n) { return n % 10 == 0; }));
  EXPECT_EQ(best.front(), 0U);
  EXPECT_EQ(best.back(), 4990U);
}

numbers numbers_of(const std::vector<good_trials::weighed>& all) {
  numbers those;
  for (const auto& one : all) those.push_back(one.number);
  return those;
}

TEST(GoodTrials, OfOneObjectiveWeighTheSame) {
  good_trials good(3);
  for (std::size_t i = 0; i < 5; ++i) good.add(i, complete({5 - static_cast<double>(i)}));
  const auto best = good.best_weighed(2);
  EXPECT_EQ(numbers_of(best), (numbers{3, 4}));
  EXPECT_EQ(best[0].weight, 1);
  EXPECT_EQ(best[1].weight, 1);
}

TEST(GoodTrials, OfARankThatComesInOnlyInPartDominateMostTogether) {
  good_trials good(9);
  good.add(0, complete({0, 0}));
  // The second rank. In spans its middle is the largest; each end adds a tenth times 0.6.
  good.add(1, complete({100, 2000}));
  good.add(2, complete({150, 1500}));
  good.add(3, complete({200, 1000}));
  good.add(4, complete({160, 1490}));
  EXPECT_EQ(numbers_of(good.best_weighed(2)), (numbers{0, 2}));
  EXPECT_EQ(numbers_of(good.best_weighed(3)), (numbers{0, 1, 2}));
  EXPECT_EQ(numbers_of(good.best_weighed(4)), (numbers{0, 1, 2, 3}));
}

TEST(GoodTrials, OfSeveralObjectivesWeighAHalfAndHalfOfWhatTheyAloneDominate) {
  good_trials good(9);
  good.add(0, complete({1, 3}));
  good.add(1, complete({2, 2}));
  good.add(2, complete({3, 1}));
  good.add(3, complete({3, 3}));  // dominated
  // In spans (0, 1), (0.5, 0.5), (1, 0), with the corner at (1.1, 1.1): 0.5 x 0.1 alone for the
  // ends, 0.5 x 0.5 for the middle; 0.35 in all.
  const auto best = good.best_weighed(4);
  EXPECT_EQ(numbers_of(best), (numbers{0, 1, 2, 3}));
  EXPECT_NEAR(best[0].weight, 0.5 + 2 * 0.05 / 0.35, 1e-9);
  EXPECT_NEAR(best[1].weight, 0.5 + 2 * 0.25 / 0.35, 1e-9);
  EXPECT_NEAR(best[2].weight, 0.5 + 2 * 0.05 / 0.35, 1e-9);
  EXPECT_EQ(best[3].weight, 0.5);
}

TEST(GoodTrials, ThatAreEqualShareTheirWeight) {
  good_trials good(9);
  for (std::size_t i = 0; i < 4; ++i) good.add(i, complete({i < 2 ? 0.0 : 1.0, i < 2 ? 1.0 : 0.0}));
  for (const auto& one : good.best_weighed(4)) EXPECT_DOUBLE_EQ(one.weight, 1);
}

TEST(GoodTrials, WeighSomethingAlsoWhereLossesAreInfiniteOrAreMany) {
  const double endless = std::numeric_limits<double>::infinity();
  for (const auto& each : std::vector<std::vector<losses>>{
           {{0, endless}, {endless, 0}, {-endless, endless}},
           {{endless, endless}, {endless, endless}},
           {{1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1}, {1, 1, 1, 1, 1, 9}}}) {
    good_trials good(9);
    for (std::size_t i = 0; i < each.size(); ++i) good.add(i, complete(each[i]));
    const auto best = good.best_weighed(9);
    EXPECT_EQ(best.size(), each.size());
    for (const auto& one : best) EXPECT_GE(one.weight, 0.5);
  }
}

TEST(GoodTrials, OfSeveralObjectivesFillUpWithPrunedAndInfeasibleOnes) {
  good_trials good(9);
  good.add(0, {.state = trial_state::complete, .losses = {0, 0}, .violation = 1});
  good.add(1, {.state = trial_state::pruned});
  good.add(2, complete({1, 2}));
  EXPECT_EQ(numbers_of(good.best_weighed(2)), (numbers{1, 2}));
  EXPECT_EQ(numbers_of(good.best_weighed(9)), (numbers{0, 1, 2}));
}

}  // namespace
}  // namespace fabric::tuner
