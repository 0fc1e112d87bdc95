#include "scheduler/tuner/samplers/pareto.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {
namespace {

constexpr double endless = std::numeric_limits<double>::infinity();

TEST(Dominates, NeedsOneBetterAndNoneWorse) {
  EXPECT_TRUE(dominates(losses{1, 2}, losses{1, 3}));
  EXPECT_FALSE(dominates(losses{1, 2}, losses{1, 2}));
  EXPECT_FALSE(dominates(losses{1, 2}, losses{2, 1}));
}

TEST(DominationRanks, PeelFrontAfterFront) {
  const std::vector<losses> all{{2, 2}, {1, 3}, {3, 1}, {3, 3}, {2, 3}, {4, 4}, {2, 2}};
  EXPECT_EQ(domination_ranks(all), (std::vector<std::size_t>{0, 0, 0, 2, 1, 3, 0}));
  EXPECT_TRUE(domination_ranks({}).empty());
}

TEST(DominationRanks, AreOneMoreThanTheWorstOfTheDominating) {
  draws from(1, 0);
  std::vector<losses> all;
  for (int i = 0; i < 200; ++i)
    all.push_back({static_cast<double>(from.below(20)), static_cast<double>(from.below(20)),
                   static_cast<double>(from.below(20))});
  const auto ranks = domination_ranks(all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::size_t expected = 0;
    for (std::size_t j = 0; j < all.size(); ++j)
      if (dominates(all[j], all[i])) expected = std::max(expected, ranks[j] + 1);
    EXPECT_EQ(ranks[i], expected);
  }
}

TEST(CrowdingDistances, SumTheGapsOfTheNeighbours) {
  const std::vector<losses> all{{0, 10}, {1, 6}, {4, 5}, {10, 0}};
  const auto room = crowding_distances(all);
  EXPECT_EQ(room[0], endless);
  EXPECT_EQ(room[3], endless);
  EXPECT_DOUBLE_EQ(room[1], 0.4 + 0.5);
  EXPECT_DOUBLE_EQ(room[2], 0.9 + 0.6);
}

TEST(CrowdingDistances, AreNumbersAlsoWhereLossesAreEqualOrInfinite) {
  for (const auto& all : {std::vector<losses>{{1, 1}, {1, 1}, {1, 1}},
                          std::vector<losses>{{0, endless}, {1, endless}, {2, 0}, {3, 1}}})
    for (const double room : crowding_distances(all)) EXPECT_GE(room, 0);
}

}  // namespace
}  // namespace fabric::tuner
