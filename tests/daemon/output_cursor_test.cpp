#include "actors/daemon/output_cursor.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "actors/daemon/output_gaps.hpp"

namespace fabric::daemon {
namespace {

transport::log_chunk piece(attempt_number attempt, std::uint64_t offset, std::string data,
                           bool end = false) {
  return {.id = {task_id{job_id{1}, 0}, attempt},
          .offset = offset,
          .data = std::move(data),
          .end = end};
}

transport::task_report report_of(std::string tail, std::uint64_t bytes) {
  return {.stdout_tail = std::move(tail), .stdout_bytes = bytes};
}

TEST(OutputCursor, GoesOnBehindWhatItHasRead) {
  output_cursor at{1};
  EXPECT_EQ(at.take(piece(1, 0, "abc")).text, "abc");
  EXPECT_EQ(at.position(), 3U);
  EXPECT_EQ(at.take(piece(1, 3, "d")).text, "d");
  EXPECT_FALSE(at.take(piece(1, 4, "")).progress);
}

TEST(OutputCursor, ReadsALaterAttemptFromItsStart) {
  output_cursor at{1};
  at.take(piece(1, 0, "abc"));
  const auto step = at.take(piece(2, 3, "middle"));
  EXPECT_EQ(step.left, 1U);
  EXPECT_EQ(step.text, "");
  EXPECT_EQ(at.position(), 0U);
  EXPECT_EQ(at.take(piece(2, 0, "all")).text, "all");
}

TEST(OutputCursor, KeepsTheStartOfALaterAttemptWhereNothingWasReadOfTheFirst) {
  output_cursor at{1};
  at.take(piece(1, 0, ""));
  const auto step = at.take(piece(2, 0, "all"));
  EXPECT_EQ(step.left, 1U);
  EXPECT_EQ(step.text, "all");
}

TEST(OutputCursor, SaysNothingOfAnAttemptBeforeTheFirst) {
  output_cursor at{1};
  at.take(piece(0, 0, ""));
  EXPECT_EQ(at.take(piece(1, 0, "a")).left, 0U);
}

TEST(OutputCursor, PassesOverALateAnswerOfAnEarlierAttempt) {
  output_cursor at{1};
  at.take(piece(2, 0, "new"));
  EXPECT_EQ(at.take(piece(1, 3, "old")).text, "");
  EXPECT_EQ(at.position(), 3U);
}

TEST(OutputCursor, CountsWhatWasNotKept) {
  output_cursor at{1};
  at.take(piece(1, 0, "abc"));
  EXPECT_EQ(at.take(piece(1, 10, "k")).lost, 7U);
  EXPECT_EQ(at.position(), 11U);
}

TEST(OutputCursor, IsNotCompleteAtTheEndOfAnAttemptThatMayBeFollowed) {
  output_cursor at{1};
  at.take(piece(1, 0, "abc", true));
  EXPECT_TRUE(at.at_end());
  EXPECT_FALSE(at.is_complete());
  at.finish(1);
  EXPECT_TRUE(at.is_complete());
}

TEST(OutputCursor, IsNotCompleteWhereTheLastAttemptIsAnother) {
  output_cursor at{1};
  at.take(piece(1, 0, "abc", true));
  EXPECT_EQ(at.finish(2).left, 1U);
  EXPECT_FALSE(at.is_complete());
  EXPECT_EQ(at.take(piece(2, 0, "new", true)).text, "new");
  EXPECT_TRUE(at.is_complete());
}

TEST(OutputCursor, TakesTheRestFromAReportThatHoldsIt) {
  output_cursor at{1};
  at.take(piece(1, 0, "abc"));
  EXPECT_EQ(at.finish(1, report_of("bcdef", 6)).text, "def");
  EXPECT_TRUE(at.is_complete());
  EXPECT_EQ(at.take(piece(1, 3, "def")).text, "");
}

TEST(OutputCursor, ReadsOnWhereTheReportHoldsTooLittle) {
  output_cursor at{1};
  at.take(piece(1, 0, "abc"));
  EXPECT_EQ(at.finish(1, report_of("ef", 6)).text, "");
  EXPECT_FALSE(at.is_complete());
  EXPECT_EQ(at.take(piece(1, 3, "def", true)).text, "def");
  EXPECT_TRUE(at.is_complete());
}

TEST(OutputCursor, DoesNotMixTheReportOfALaterAttemptIntoTheFirst) {
  output_cursor at{1};
  at.take(piece(1, 0, "abc"));
  const auto step = at.finish(2, report_of("second", 6));
  EXPECT_EQ(step.left, 1U);
  EXPECT_EQ(step.text, "second");
}

TEST(OutputCursor, HasNothingToWaitForWhereATaskNeverRan) {
  output_cursor at{1};
  at.finish(0, {});
  EXPECT_TRUE(at.is_complete());
}

TEST(OutputGaps, AreSaidAtOnceAndThenTogether) {
  output_gaps gaps;
  const instant t0{};
  EXPECT_EQ(gaps.due(t0), 0U);
  gaps.add(5);
  EXPECT_EQ(gaps.due(t0), 5U);
  gaps.add(1);
  EXPECT_EQ(gaps.due(t0 + std::chrono::seconds{1}), 0U);
  gaps.add(2);
  EXPECT_EQ(gaps.due(t0 + output_gaps::between_notices), 3U);
  gaps.add(4);
  EXPECT_EQ(gaps.rest(), 4U);
  EXPECT_EQ(gaps.rest(), 0U);
}

}  // namespace
}  // namespace fabric::daemon
