#include "scheduler/actors/line.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace fabric::roster {
namespace {

class Line : public testing::Test {
 protected:
  line::orders take() { return std::exchange(orders_, {}); }
  /// The numbers of the calls that were sent.
  std::vector<call_number> sent() {
    std::vector<call_number> all;
    for (const auto& one : take())
      if (const auto* send = std::get_if<line_command::send>(&one)) all.push_back(send->call);
    return all;
  }
  void enter(int n, bool is_ready = true, bool may_repeat = false) {
    for (; n > 0; --n)
      ASSERT_EQ(line_.enter(is_ready, may_repeat, orders_), line::entrance::entered);
  }
  using numbers = std::vector<call_number>;

  static constexpr host_id here{1};
  static constexpr host_id there{2};
  line line_{{4}};
  line::orders orders_;
};

TEST_F(Line, CallsWaitForALife) {
  enter(2);
  EXPECT_TRUE(take().empty());
  line_.alive(1, here, orders_);
  EXPECT_EQ(sent(), (numbers{1, 2}));
}

TEST_F(Line, IsFullAtItsLimitUntilACallIsOver) {
  line_.alive(1, here, orders_);
  enter(4);
  EXPECT_EQ(line_.enter(true, false, orders_), line::entrance::full);
  EXPECT_TRUE(line_.answered(1, 1, line::answer::done, orders_));
  EXPECT_EQ(line_.enter(true, false, orders_), line::entrance::entered);
}

TEST_F(Line, OneThatIsNotReadyKeepsTheOthersWaiting) {
  line_.alive(1, here, orders_);
  enter(1);
  enter(1, false);
  enter(1);
  EXPECT_EQ(sent(), (numbers{1}));
  line_.ready(2, orders_);
  EXPECT_EQ(sent(), (numbers{2, 3}));
}

TEST_F(Line, WhatWasNotBegunGoesToTheNextLifeInItsOldPlace) {
  line_.alive(1, here, orders_);
  enter(3);
  take();
  EXPECT_TRUE(line_.answered(1, 1, line::answer::done, orders_));
  EXPECT_FALSE(line_.answered(2, 1, line::answer::unbegun, orders_));
  enter(1);
  line_.alive(2, here, orders_);
  EXPECT_TRUE(take().empty()) << "a call to the last life is open";
  EXPECT_FALSE(line_.answered(3, 1, line::answer::unbegun, orders_));
  EXPECT_EQ(sent(), (numbers{2, 3, 4}));
}

TEST_F(Line, WhatWasSentToALostHostIsUnknownUnlessItMayBeRepeated) {
  line_.alive(1, here, orders_);
  enter(1);
  enter(1, true, true);
  take();
  line_.host_lost(here, orders_);
  const auto orders = take();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(std::get<line_command::unknown>(orders[0]).call, 1U);
  line_.alive(2, there, orders_);
  EXPECT_EQ(sent(), (numbers{2}));
}

TEST_F(Line, TheEndOfTheActorEndsWhatWasNotSentAtOnceAndTheRestWithItsAnswer) {
  line_.alive(1, here, orders_);
  enter(2);
  line_.down();
  enter(1);
  take();
  line_.gone(false, orders_);
  auto orders = take();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(std::get<line_command::dead>(orders[0]).call, 3U);
  EXPECT_TRUE(line_.answered(1, 1, line::answer::done, orders_));
  line_.answered(2, 1, line::answer::unbegun, orders_);
  orders = take();
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_FALSE(std::get<line_command::dead>(orders[0]).was_sent);
  EXPECT_EQ(line_.enter(true, false, orders_), line::entrance::dead);
}

TEST_F(Line, AKillEndsAllAtOnce) {
  line_.alive(1, here, orders_);
  enter(2);
  take();
  line_.gone(true, orders_);
  EXPECT_EQ(take().size(), 2U);
  EXPECT_EQ(line_.pending(), 0U);
}

TEST_F(Line, ADroppedCallKeepsItsPlaceUntilItIsAnswered) {
  line_.alive(1, here, orders_);
  enter(1);
  take();
  line_.drop(1, orders_);
  ASSERT_EQ(take().size(), 1U) << "a stop";
  EXPECT_EQ(line_.pending(), 1U);
  EXPECT_FALSE(line_.answered(1, 1, line::answer::done, orders_));
  EXPECT_EQ(line_.pending(), 0U);
}

}  // namespace
}  // namespace fabric::roster
