#include "actors/gateway/pace.hpp"

#include <gtest/gtest.h>

#include "tests/actors/beginning.hpp"

namespace fabric::actors {
namespace {

using namespace std::chrono_literals;

TEST(Pace, LetsABurstThroughAndThenOneAtATime) {
  pace greetings{100ms, 3};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(greetings.take(t0), 0s) << i;
  EXPECT_EQ(greetings.take(t0), 100ms);
  EXPECT_EQ(greetings.take(t0 + 100ms), 0s);
  EXPECT_EQ(greetings.take(t0 + 150ms), 50ms);
}

TEST(Pace, WhoIsSentAwayTakesNoRoom) {
  pace greetings{100ms, 1};
  ASSERT_EQ(greetings.take(t0), 0s);
  for (int i = 0; i < 50; ++i) EXPECT_GT(greetings.take(t0 + 1ms), 0s);
  EXPECT_EQ(greetings.take(t0 + 100ms), 0s);
}

TEST(Pace, AfterAPauseTheWholeBurstIsThereAgainAndNoMore) {
  pace greetings{100ms, 3};
  for (int i = 0; i < 3; ++i) greetings.take(t0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(greetings.take(t0 + 1h), 0s) << i;
  EXPECT_GT(greetings.take(t0 + 1h), 0s);
}

}  // namespace
}  // namespace fabric::actors
