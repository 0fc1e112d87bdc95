#include "resources/backoff.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace fabric {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr backoff_policy policy{milliseconds{200}, seconds{5}};

TEST(Backoff, IsBetweenHalfAndAllOfTheDoubledWait) {
  const std::vector<duration> full = {milliseconds{200},  milliseconds{400},  milliseconds{800},
                                      milliseconds{1600}, milliseconds{3200}, seconds{5}};
  for (std::uint32_t tries = 1; tries <= full.size(); ++tries)
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const auto wait = wait_before_retry(policy, tries, seed);
      EXPECT_LE(wait, full[tries - 1]);
      EXPECT_GE(wait, full[tries - 1] / 2);
    }
}

TEST(Backoff, IsTheSameForTheSameSeed) {
  EXPECT_EQ(wait_before_retry(policy, 4, 42), wait_before_retry(policy, 4, 42));
}

TEST(Backoff, SpreadsPeersThatFailedTogether) {
  std::set<duration> waits;
  for (std::uint64_t seed = 0; seed < 100; ++seed) waits.insert(wait_before_retry(policy, 3, seed));
  EXPECT_GT(waits.size(), 95U);
}

TEST(Backoff, UsesTheWholeUpperHalf) {
  duration least = seconds{5};
  duration most{0};
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    least = std::min(least, wait_before_retry(policy, 9, seed));
    most = std::max(most, wait_before_retry(policy, 9, seed));
  }
  EXPECT_LT(least, milliseconds{2550});
  EXPECT_GT(most, milliseconds{4950});
}

TEST(Backoff, NeverOverflows) {
  const backoff_policy endless{milliseconds{1}, duration::max()};
  EXPECT_GE(wait_before_retry(endless, std::numeric_limits<std::uint32_t>::max(), 1),
            duration::max() / 2);
}

TEST(Backoff, OfDegeneratePoliciesIsSmallAndNotNegative) {
  EXPECT_EQ(wait_before_retry({duration{0}, seconds{1}}, 3, 1), duration{0});
  EXPECT_EQ(wait_before_retry({seconds{1}, duration{0}}, 3, 1), duration{0});
  EXPECT_LE(wait_before_retry({seconds{9}, seconds{1}}, 1, 1), seconds{1});
  EXPECT_EQ(wait_before_retry({duration{1}, duration{1}}, 1, 7), duration{1});
  EXPECT_LE(wait_before_retry(policy, 0, 1), milliseconds{200});
}

}  // namespace
}  // namespace fabric
