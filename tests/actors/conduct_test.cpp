#include "actors/gateway/conduct.hpp"

#include <gtest/gtest.h>

#include "tests/actors/beginning.hpp"

namespace fabric::actors {
namespace {

using namespace std::chrono_literals;
using verdict = conduct::verdict;

const node_id bad{1};
const node_id good{2};

TEST(Conduct, TheThirdBadFrameWithinTenSecondsEndsTheConversation) {
  conduct peers;
  EXPECT_EQ(peers.sent_bad_frame(bad, t0), verdict::tell);
  EXPECT_EQ(peers.sent_bad_frame(bad, t0 + 5s), verdict::tell);
  EXPECT_EQ(peers.sent_bad_frame(bad, t0 + 9s), verdict::cut);
}

TEST(Conduct, ABadFrameNowAndThenIsForgiven) {
  conduct peers;
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(peers.sent_bad_frame(bad, t0 + i * conduct::remembered_for), verdict::tell) << i;
}

TEST(Conduct, WhoIsCutOffStaysOutForAMinuteAndBeginsAnew) {
  conduct peers;
  for (int i = 0; i < 3; ++i) peers.sent_bad_frame(bad, t0);
  EXPECT_EQ(peers.kept_out(bad, t0 + 1s), 59s);
  EXPECT_EQ(peers.kept_out(bad, t0 + 60s), 0s);
  EXPECT_EQ(peers.sent_bad_frame(bad, t0 + 60s), verdict::tell);
}

TEST(Conduct, OthersAreNotBlamed) {
  conduct peers;
  for (int i = 0; i < 3; ++i) peers.sent_bad_frame(bad, t0);
  EXPECT_EQ(peers.kept_out(good, t0), 0s);
  EXPECT_EQ(peers.sent_bad_frame(good, t0), verdict::tell);
}

}  // namespace
}  // namespace fabric::actors
