#include "transport/liveness.hpp"

#include <gtest/gtest.h>

namespace fabric::transport {
namespace {

using namespace std::chrono_literals;

const instant t0{100s};

TEST(Liveness, IsDueAfterOneIntervalWithoutSending) {
  liveness peer(2s, 3, t0);
  EXPECT_FALSE(peer.is_due(t0 + 1999ms));
  EXPECT_TRUE(peer.is_due(t0 + 2s));
  peer.sent(t0 + 1s);
  EXPECT_FALSE(peer.is_due(t0 + 2s));
  EXPECT_TRUE(peer.is_due(t0 + 3s));
}

TEST(Liveness, GivesUpAPeerThatIsSilentForTheMissedIntervals) {
  liveness peer(2s, 3, t0);
  EXPECT_FALSE(peer.is_lost(t0 + 5999ms));
  EXPECT_TRUE(peer.is_lost(t0 + 6s));
  peer.heard(t0 + 5s);
  EXPECT_FALSE(peer.is_lost(t0 + 6s));
  EXPECT_TRUE(peer.is_lost(t0 + 11s));
}

TEST(Liveness, WakesUpForWhicheverComesFirst) {
  liveness peer(2s, 3, t0);
  EXPECT_EQ(peer.next_wakeup(), t0 + 2s);
  peer.sent(t0 + 5s);
  EXPECT_EQ(peer.next_wakeup(), t0 + 6s);
}

TEST(Liveness, IsNotSetBackByEarlierNews) {
  liveness peer(2s, 3, t0);
  peer.heard(t0 + 5s);
  peer.heard(t0 + 1s);
  EXPECT_FALSE(peer.is_lost(t0 + 10s));
}

}  // namespace
}  // namespace fabric::transport
