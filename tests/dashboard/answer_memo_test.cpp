#include "actors/dashboard/answer_memo.hpp"

#include <gtest/gtest.h>

namespace fabric::dashboard {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr instant begin{std::chrono::hours{1}};

TEST(AnswerMemo, GivesAnAnswerAgainForTenTimesItsCost) {
  answer_memo memo;
  memo.keep("q", "a", seconds{1}, begin);
  EXPECT_EQ(memo.find("q", begin + milliseconds{9999}), "a");
  EXPECT_EQ(memo.find("q", begin + seconds{10}), std::nullopt);
}

TEST(AnswerMemo, KeepsCheapAnswersShortlyAndNoneForLong) {
  answer_memo memo;
  memo.keep("cheap", "a", duration{0}, begin);
  EXPECT_TRUE(memo.find("cheap", begin + answer_memo::shortest - milliseconds{1}));
  EXPECT_FALSE(memo.find("cheap", begin + answer_memo::shortest));
  memo.keep("dear", "a", std::chrono::hours{1}, begin);
  EXPECT_FALSE(memo.find("dear", begin + answer_memo::longest));
}

TEST(AnswerMemo, ReplacesAnAnswer) {
  answer_memo memo;
  memo.keep("q", "a", seconds{1}, begin);
  memo.keep("q", "b", seconds{1}, begin);
  EXPECT_EQ(memo.find("q", begin), "b");
  EXPECT_EQ(memo.size(), 1);
}

TEST(AnswerMemo, DropsTheAnswerThatEndsFirstWhereItIsFull) {
  answer_memo memo;
  memo.keep("first", "a", milliseconds{31}, begin);
  for (std::size_t i = 1; i < answer_memo::answers_max; ++i)
    memo.keep(std::to_string(i), "a", seconds{1}, begin);
  memo.keep("more", "a", seconds{1}, begin);
  EXPECT_EQ(memo.size(), answer_memo::answers_max);
  EXPECT_FALSE(memo.find("first", begin));
  EXPECT_TRUE(memo.find("more", begin));
}

}  // namespace
}  // namespace fabric::dashboard
