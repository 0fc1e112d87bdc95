#include "scheduler/tuner/permutation.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace fabric::tuner {
namespace {

TEST(Permutation, GivesEachNumberOnce) {
  for (const std::uint64_t size : {1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const permutation order(size, seed);
      std::vector<bool> seen(size);
      for (std::uint64_t i = 0; i < size; ++i) {
        const auto x = order.at(i);
        ASSERT_LT(x, size);
        ASSERT_FALSE(seen[x]);
        seen[x] = true;
      }
    }
  }
}

TEST(Permutation, StaysInsideTheLargestRange) {
  constexpr auto size = std::numeric_limits<std::uint64_t>::max();
  const permutation order(size, 1);
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_LT(order.at(size - 1 - i), size);
}

TEST(Permutation, FirstMembersAreSpreadEvenlyOverSeeds) {
  constexpr int seeds = 20'000;
  for (const std::uint64_t index : {0, 1, 9}) {
    std::vector<int> count(10);
    for (std::uint64_t seed = 0; seed < seeds; ++seed) ++count[permutation(10, seed).at(index)];
    double chi_squared = 0;
    for (const int n : count) chi_squared += (n - 2000.0) * (n - 2000.0) / 2000.0;
    EXPECT_LT(chi_squared, 33.7) << index;  // 9 degrees of freedom, p = 0.0001
  }
}

TEST(Permutation, NeighboursAreNotNeighbours) {
  const permutation order(1'000'000, 7);
  double distance = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const auto a = static_cast<double>(order.at(i));
    const auto b = static_cast<double>(order.at(i + 1));
    distance += a < b ? b - a : a - b;
  }
  EXPECT_NEAR(distance / 10'000, 1'000'000 / 3.0, 10'000);
}

}  // namespace
}  // namespace fabric::tuner
