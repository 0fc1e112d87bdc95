#include "scheduler/tuner/samplers/hypervolume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {
namespace {

using numbers = std::vector<std::size_t>;

TEST(Hypervolume, OfTwoLossesIsTheAreaUnderTheStairs) {
  // 3 x 1, 2 x 2 and 1 x 3 from the corner (4, 4): a staircase of 6 squares.
  const std::vector<losses> stairs{{1, 3}, {2, 2}, {3, 1}};
  EXPECT_DOUBLE_EQ(hypervolume(stairs, {4, 4}), 6);
  EXPECT_DOUBLE_EQ(hypervolume({}, {4, 4}), 0);
}

TEST(Hypervolume, GainsNothingFromDominatedEqualOrFarPoints) {
  const std::vector<losses> all{{3, 3}, {2, 2}, {2, 2}, {0, 4}, {9, 0}};
  EXPECT_DOUBLE_EQ(hypervolume(all, {4, 4}), 4);
}

TEST(Hypervolume, OfThreeLossesCountsSharedRoomOnce) {
  // Boxes of 2 x 2 x 1, 2 x 1 x 2 and 1 x 2 x 2 at one corner. Two of them share two cubes, all
  // three share one.
  const std::vector<losses> all{{0, 0, 1}, {0, 1, 0}, {1, 0, 0}};
  EXPECT_DOUBLE_EQ(hypervolume(all, {2, 2, 2}), 3 * 4 - 3 * 2 + 1);
}

TEST(Hypervolume, OfFourLossesIsAsItIsByCountingCells) {
  draws from(5, 0);
  std::vector<losses> all;
  for (int i = 0; i < 12; ++i) {
    auto& one = all.emplace_back();
    for (int k = 0; k < 4; ++k) one.push_back(static_cast<double>(from.below(5)));
  }
  int cells = 0;
  for (int cell = 0; cell < 5 * 5 * 5 * 5; ++cell) {
    const losses low{static_cast<double>(cell % 5), static_cast<double>(cell / 5 % 5),
                     static_cast<double>(cell / 25 % 5), static_cast<double>(cell / 125)};
    const auto reaches = [&](const losses& one) {
      return std::ranges::equal(one, low, std::ranges::less_equal{});
    };
    if (std::ranges::any_of(all, reaches)) ++cells;
  }
  EXPECT_DOUBLE_EQ(hypervolume(all, {5, 5, 5, 5}), cells);
}

TEST(ExclusiveVolume, IsWhatNoOtherPointDominates) {
  const std::vector<losses> ends{{1, 3}, {3, 1}};
  EXPECT_DOUBLE_EQ(exclusive_volume({2, 2}, ends, {4, 4}), 1);
  EXPECT_DOUBLE_EQ(exclusive_volume({3, 3}, ends, {4, 4}), 0);
  EXPECT_DOUBLE_EQ(exclusive_volume({2, 2}, {}, {4, 4}), 4);
  EXPECT_DOUBLE_EQ(exclusive_volume({4, 0}, {}, {4, 4}), 0);
}

TEST(WidestSubset, TakesWhatAddsMostEachTime) {
  // From the corner (10, 10): 5 x 5 first; then the ends add 1 x 4 and 3 x 2, and the neighbour of
  // the first one 1 x 4.
  const std::vector<losses> all{{9, 1}, {5, 5}, {2, 8}, {4, 6}};
  EXPECT_EQ(widest_subset(all, 3, {10, 10}), (numbers{1, 2, 0}));
  EXPECT_EQ(widest_subset(all, 9, {10, 10}).size(), 4U);
  EXPECT_EQ(widest_subset(all, 0, {10, 10}), numbers{});
}

TEST(WidestSubset, TakesTheFirstOfEqualOnes) {
  const std::vector<losses> all{{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
  EXPECT_EQ(widest_subset(all, 2, {2, 2, 2}), (numbers{0, 1}));
}

TEST(WidestSubset, IsTheSameWhereEachAdditionIsWeighedAnew) {
  draws from(6, 0);
  const losses reference{1, 1, 1};
  std::vector<losses> all;
  for (int i = 0; i < 40; ++i) all.push_back({from.unit(), from.unit(), from.unit()});
  numbers expected;
  std::vector<losses> cover;
  while (expected.size() < 10) {
    std::size_t best = 0;
    double most = -1;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (std::ranges::find(expected, i) != expected.end()) continue;
      const double adds = exclusive_volume(all[i], cover, reference);
      if (adds > most) std::tie(most, best) = std::pair{adds, i};
    }
    expected.push_back(best);
    cover.push_back(all[best]);
  }
  EXPECT_EQ(widest_subset(all, 10, reference), expected);
}

}  // namespace
}  // namespace fabric::tuner
