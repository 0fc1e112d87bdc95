#include "scheduler/tuner/samplers/good_trials.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

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

}  // namespace
}  // namespace fabric::tuner
