#include "actors/dashboard/failure_limiter.hpp"

#include <gtest/gtest.h>

namespace fabric::dashboard {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr instant limiter_made{std::chrono::hours{1}};

bool take_many(failure_limiter& of, const std::string& address, std::size_t times, instant at) {
  bool all = true;
  for (std::size_t i = 0; i < times; ++i) all = of.take(address, at) && all;
  return all;
}

TEST(FailureLimiter, LetsTenPassInAMinute) {
  failure_limiter limiter;
  EXPECT_TRUE(take_many(limiter, "a", 10, limiter_made));
  EXPECT_FALSE(limiter.take("a", limiter_made + seconds{59}));
}

TEST(FailureLimiter, CountsEachAddressAlone) {
  failure_limiter limiter;
  take_many(limiter, "a", 11, limiter_made);
  EXPECT_TRUE(limiter.take("b", limiter_made));
}

TEST(FailureLimiter, ForgetsWhatIsAMinuteOld) {
  failure_limiter limiter;
  take_many(limiter, "a", 5, limiter_made);
  take_many(limiter, "a", 5, limiter_made + seconds{30});
  EXPECT_TRUE(take_many(limiter, "a", 5, limiter_made + minutes{1}));
  EXPECT_FALSE(limiter.take("a", limiter_made + minutes{1}));
}

TEST(FailureLimiter, DoesNotExtendTheWaitOfOneWhoGoesOn) {
  failure_limiter limiter;
  take_many(limiter, "a", 10, limiter_made);
  for (int s = 1; s < 60; ++s) EXPECT_FALSE(limiter.take("a", limiter_made + seconds{s}));
  EXPECT_TRUE(limiter.take("a", limiter_made + minutes{1}));
}

TEST(FailureLimiter, ForgetsTheQuietestAddressWhereThereAreTooMany) {
  failure_limiter limiter;
  take_many(limiter, "old", 10, limiter_made);
  take_many(limiter, "busy", 10, limiter_made + seconds{1});
  for (std::size_t i = 0; i + 1 < failure_limiter::addresses_max; ++i)
    limiter.take(std::to_string(i), limiter_made + seconds{2});
  EXPECT_EQ(limiter.addresses(), failure_limiter::addresses_max);
  EXPECT_FALSE(limiter.take("busy", limiter_made + seconds{2}));
  EXPECT_TRUE(limiter.take("old", limiter_made + seconds{2}));
}

}  // namespace
}  // namespace fabric::dashboard
