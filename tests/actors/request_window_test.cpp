#include "actors/gateway/request_window.hpp"

#include <gtest/gtest.h>

#include "tests/actors/beginning.hpp"

namespace fabric::actors {
namespace {

using namespace std::chrono_literals;

TEST(RequestWindow, TakesAsManyAsItsCredits) {
  request_window window{2};
  EXPECT_TRUE(window.open(request_id{1}, t0));
  EXPECT_TRUE(window.open(request_id{2}, t0));
  EXPECT_FALSE(window.open(request_id{3}, t0));
}

TEST(RequestWindow, AnAnswerFreesItsPlace) {
  request_window window{1};
  ASSERT_TRUE(window.open(request_id{1}, t0));
  window.answered(request_id{1});
  EXPECT_TRUE(window.open(request_id{2}, t0));
}

TEST(RequestWindow, ARepeatedRequestTakesNoSecondPlace) {
  request_window window{1};
  ASSERT_TRUE(window.open(request_id{1}, t0));
  EXPECT_TRUE(window.open(request_id{1}, t0 + 1s));
  EXPECT_EQ(window.size(), 1U);
}

TEST(RequestWindow, AnAnswerToNothingFreesNothing) {
  request_window window{1};
  ASSERT_TRUE(window.open(request_id{1}, t0));
  window.answered(request_id{7});
  EXPECT_FALSE(window.open(request_id{2}, t0));
}

TEST(RequestWindow, ARequestThatNobodyEverAnswersLosesItsPlace) {
  request_window window{1};
  ASSERT_TRUE(window.open(request_id{1}, t0));
  EXPECT_FALSE(window.open(request_id{2}, t0 + request_window::forgotten_after - 1us));
  EXPECT_TRUE(window.open(request_id{2}, t0 + request_window::forgotten_after));
}

}  // namespace
}  // namespace fabric::actors
