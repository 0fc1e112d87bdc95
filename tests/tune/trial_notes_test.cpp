#include "actors/tune/trial_notes.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace fabric::actors {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(TrialNotes, CarryReportsThereAndBack) {
  for (const double value : {0.1, -1e300, 3.0, infinity, -infinity}) {
    const auto back = report_in(note_of({7, value}));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, (tuner::trial_report{7, value}));
  }
}

TEST(TrialNotes, OfAnythingElseAreRefused) {
  for (const char* text :
       {"", "[]", "3", "null", "{}", R"({"step":1})", R"({"value":1})", R"({"step":1.5,"value":1})",
        R"({"step":"1","value":1})", R"({"step":1,"value":"nan"})", R"({"step":1,"value":null})",
        R"({"step":18446744073709551615,"value":1})", R"({"step":1,"value":1e999})"}) {
    const auto read = report_in(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, fault_code::usage) << text;
  }
}

TEST(TrialNotes, CarryAnswersThereAndBack) {
  EXPECT_EQ(verdict_in(answer_text(tuner::verdict::go_on)).value(), tuner::verdict::go_on);
  EXPECT_EQ(verdict_in(answer_text(tuner::verdict::stop)).value(), tuner::verdict::stop);
  const fault why{fault_code::key_conflict, "step 3 has a value", "report each step once"};
  EXPECT_EQ(verdict_in(answer_text(why)).error(), why);
}

TEST(TrialNotes, WhoseAnswerIsNotUnderstoodSaySo) {
  for (const char* text : {"", "{}", "[]", R"({"verdict":"jump"})", R"({"verdict":1})"})
    EXPECT_EQ(verdict_in(text).error().code, fault_code::bad_message) << text;
  EXPECT_EQ(verdict_in(R"({"error":{"code":7}})").error().code, fault_code::internal);
}

TEST(TrialNotes, AreKnownByTheirTickets) {
  trial_notes notes;
  const auto first = notes.asked(3, {.number = 8});
  const auto second = notes.asked(4, {.number = 9});
  EXPECT_NE(first, second);
  EXPECT_EQ(notes.answered(second).trial, 4U);
  EXPECT_EQ(notes.answered(first).what.number, 8U);
}

}  // namespace
}  // namespace fabric::actors
