#include "bench/harness/rank_test.hpp"

#include <gtest/gtest.h>

namespace fabric::bench {
namespace {

TEST(RankTest, FindsNoDifferenceBetweenEqualSamples) {
  const auto same = compare({1, 2, 3, 4}, {1, 2, 3, 4});
  EXPECT_DOUBLE_EQ(same.less, 0.5);
  EXPECT_GT(same.p, 0.8);
  EXPECT_EQ(compare({2, 2}, {2, 2}).p, 1);
}

TEST(RankTest, KnowsTheExampleOfTheTextbooks) {
  // Mann and Whitney's U is 4.5 of 5 * 5 here (one tie): z = (8 - 0.5) / sqrt(22.78).
  const auto ranked = compare({8, 7, 6, 2, 5}, {9, 9.5, 8, 10, 3});
  EXPECT_DOUBLE_EQ(ranked.less, 20.5 / 25);
  EXPECT_NEAR(ranked.p, 0.116, 0.003);
}

TEST(RankTest, IsSureWhereSamplesDoNotOverlap) {
  const std::vector<double> low{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const std::vector<double> high{11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  EXPECT_EQ(compare(low, high).less, 1);
  EXPECT_EQ(compare(high, low).less, 0);
  EXPECT_NEAR(compare(low, high).p, 1.8e-4, 0.2e-4);
}

}  // namespace
}  // namespace fabric::bench
