#include <gmock/gmock.h>

#include <cmath>

#include "tests/tuner/desk.hpp"

/// What trials report while they run, and how those end that a pruner stops.
namespace fabric::tuner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

study_settings a_pruned_study(std::string pruner = "threshold:upper=10") {
  auto how = a_study({"x=int(1,9)"});
  how.pruner = std::move(pruner);
  how.parallel = 4;
  return how;
}

std::string fault_of(const result<verdict>& what) {
  return what ? "" : std::string{name_of(what.error().code)} + " " + what.error().detail;
}

TEST(Report, IsStoredBeforeItIsAnswered) {
  auto s = study::make(a_pruned_study()).value();
  s.step(study_event::asked{}, 1);
  const auto commands = s.step(study_event::reported{0, 1, "7.0#1", {3, 0.5}, 77}, 2);
  ASSERT_EQ(commands.size(), 2U);
  const auto& stored = std::get<study_command::persist_report>(commands[0]);
  EXPECT_EQ(stored.number, 0U);
  EXPECT_EQ(stored.attempt, 1U);
  EXPECT_EQ(stored.what, (trial_report{3, 0.5}));
  EXPECT_EQ(stored.run, "7.0#1");
  EXPECT_TRUE(stored.is_first_of_run);
  EXPECT_FALSE(stored.is_told_to_stop);
  const auto& answer = std::get<study_command::answered>(commands[1]);
  EXPECT_EQ(answer.ticket, 77U);
  EXPECT_EQ(answer.what.value(), verdict::go_on);
}

TEST(Report, EndsATrialThatWasToldToStopAsPrunedWithItsLastValue) {
  desk d(a_pruned_study());
  const auto trial = d.ask().next();
  EXPECT_EQ(d.report(trial, 0, 5).value(), verdict::go_on);
  EXPECT_FALSE(d.of().is_told_to_stop(trial.number));
  EXPECT_EQ(d.report(trial, 1, 11).value(), verdict::stop);
  EXPECT_TRUE(d.reports.back().is_told_to_stop);
  EXPECT_TRUE(d.of().is_told_to_stop(trial.number));
  EXPECT_EQ(d.report(trial, 2, 4).value(), verdict::stop);
  d.tell(trial, 3);
  EXPECT_FALSE(d.of().is_told_to_stop(trial.number)) << "it is over";
  const auto& row = d.finished.back().row;
  EXPECT_EQ(row.state, trial_state::pruned);
  EXPECT_EQ(row.value(), 4);
  EXPECT_THAT(row.reports,
              ElementsAre(trial_report{0, 5}, trial_report{1, 11}, trial_report{2, 4}));
  EXPECT_FALSE(row.user_attrs.contains("error"));
  EXPECT_EQ(d.count().pruned, 1U);
  EXPECT_EQ(d.count().complete, 0U);
  EXPECT_EQ(d.of().best(), nullptr);
}

TEST(Report, OfALostOrFailedTrialThatWasToldToStopEndsItToo) {
  desk d(a_pruned_study());
  d.ask();
  const auto lost = d.next();
  const auto failed = d.next();
  d.report(lost, 0, 11).value();
  d.lose(lost);
  EXPECT_EQ(d.finished.back().row.state, trial_state::pruned);
  d.report(failed, 0, 12).value();
  d.fail(failed, "exit status 10");
  EXPECT_EQ(d.finished.back().row.state, trial_state::pruned);
  EXPECT_EQ(d.finished.back().row.value(), 12);
}

TEST(Report, LeavesATrialThatGoesOnAsItWas) {
  desk d(a_pruned_study());
  const auto trial = d.ask().next();
  d.report(trial, 0, 5).value();
  d.tell(trial, 50);
  EXPECT_EQ(d.finished.back().row.state, trial_state::complete);
  EXPECT_EQ(d.finished.back().row.value(), 50);
}

TEST(Report, IsKeptWithoutAPrunerToo) {
  desk d(a_pruned_study("none"));
  const auto trial = d.ask().next();
  EXPECT_EQ(d.report(trial, 0, 1e9).value(), verdict::go_on);
  EXPECT_EQ(d.reports.size(), 1U);
}

TEST(Report, ThatComesAgainIsAnsweredAsBefore) {
  desk d(a_pruned_study());
  const auto trial = d.ask().next();
  d.report(trial, 0, 5).value();
  EXPECT_EQ(d.report(trial, 0, 5).value(), verdict::go_on);
  EXPECT_EQ(d.reports.size(), 1U);
  d.report(trial, 1, 11).value();
  EXPECT_EQ(d.report(trial, 1, 11).value(), verdict::stop);
  EXPECT_EQ(d.reports.size(), 2U);
}

TEST(Report, OfAStepWithAnotherValueIsRefused) {
  auto how = a_pruned_study();
  how.directions = {direction::maximize};
  desk d(how);
  const auto trial = d.ask().next();
  d.report(trial, 3, 0.5).value();
  EXPECT_EQ(fault_of(d.report(trial, 3, 0.25)),
            "KEY_CONFLICT step 3 of trial 0 has the value 0.5 already");
}

TEST(Report, OfNoNumberOrNoStepIsRefused) {
  desk d(a_pruned_study());
  const auto trial = d.ask().next();
  EXPECT_THAT(fault_of(d.report(trial, 0, std::nan(""))), HasSubstr("USAGE"));
  EXPECT_THAT(fault_of(d.report(trial, -1, 1)), HasSubstr("USAGE step -1 is out of range"));
  EXPECT_THAT(fault_of(d.report(trial, std::int64_t{1} << 31, 1)), HasSubstr("USAGE"));
  EXPECT_EQ(d.reports.size(), 0U);
}

TEST(Report, OfATrialThatIsNotBeingEvaluatedIsRefused) {
  desk d(a_pruned_study());
  const auto trial = d.ask().next();
  auto other = trial;
  other.attempt = 2;
  EXPECT_THAT(fault_of(d.report(other, 0, 1)), HasSubstr("STALE_ATTEMPT trial 0"));
  other = trial;
  other.number = 99;
  EXPECT_THAT(fault_of(d.report(other, 0, 1)), HasSubstr("STALE_ATTEMPT trial 99"));
  d.tell(trial, 1);
  EXPECT_THAT(fault_of(d.report(trial, 0, 1)), HasSubstr("STALE_ATTEMPT trial 0"));
}

TEST(Report, OfANewRunOverrulesTheOldOneFromItsFirstStepOn) {
  desk d(a_pruned_study());
  const auto trial = d.ask().next();
  for (int step = 0; step < 4; ++step) d.report(trial, step, 1, "5.0#1").value();
  EXPECT_EQ(d.report(trial, 2, 9, "5.0#2").value(), verdict::go_on);
  EXPECT_TRUE(d.reports.back().is_first_of_run);
  d.report(trial, 3, 8, "5.0#2").value();
  EXPECT_FALSE(d.reports.back().is_first_of_run);
  d.tell(trial, 7);
  EXPECT_THAT(d.finished.back().row.reports, ElementsAre(trial_report{0, 1}, trial_report{1, 1},
                                                         trial_report{2, 9}, trial_report{3, 8}));
}

TEST(Report, OfARunAfterOneThatWasToldToStopIsOnlyTold) {
  desk d(a_pruned_study());
  const auto trial = d.ask().next();
  d.report(trial, 0, 11, "5.0#1").value();
  EXPECT_EQ(d.report(trial, 0, 3, "5.0#2").value(), verdict::stop);
  EXPECT_EQ(d.reports.size(), 1U);
}

TEST(Report, TeachesThePrunerFromCompleteTrials) {
  desk d(a_pruned_study("median:startup=1"));
  d.ask();
  const auto first = d.next();
  const auto second = d.next();
  d.report(first, 0, 5).value();
  EXPECT_EQ(d.report(second, 0, 6).value(), verdict::go_on);
  d.tell(first, 5);
  EXPECT_EQ(d.report(second, 1, 6).value(), verdict::go_on);  // nobody else has been there
  EXPECT_EQ(d.report(d.next(), 0, 6).value(), verdict::stop);
}

TEST(Report, IsJudgedByValuesThatAreToGrowWhereTheStudyMaximizes) {
  auto how = a_pruned_study("median:startup=1");
  how.directions = {direction::maximize};
  desk d(how);
  d.ask();
  const auto first = d.next();
  d.report(first, 0, 5).value();
  d.tell(first, 5);
  EXPECT_EQ(d.report(d.next(), 0, 6).value(), verdict::go_on);
  EXPECT_EQ(d.report(d.next(), 0, 4).value(), verdict::stop);
}

TEST(Report, OfStoredTrialsIsRememberedAfterAResume) {
  const auto how = a_pruned_study("median:startup=1");
  std::vector<trial> rows = {a_row(how.over, 0, trial_state::complete, {0}, 5),
                             a_row(how.over, 1, trial_state::running, {1})};
  rows[0].reports = {{0, 5}, {1, 4}};
  rows[1].reports = {{0, 4.5}};
  rows[1].run = "9.0#1";
  desk d(how, rows);
  const auto again = d.ask().next();
  ASSERT_EQ(again.number, 1U);
  EXPECT_EQ(d.report(again, 0, 4.5, "9.0#1").value(), verdict::go_on);
  EXPECT_EQ(d.reports.size(), 0U) << "it is the same run, and the same report";
  EXPECT_EQ(d.report(again, 1, 6, "9.0#1").value(), verdict::stop);
}

TEST(Report, ThatStoppedAStoredTrialEndsItAtTheResume) {
  const auto how = a_pruned_study();
  auto row = a_row(how.over, 0, trial_state::running, {3});
  row.reports = {{0, 2}, {1, 12}};
  row.run = "9.0#1";
  row.is_told_to_stop = true;
  desk d(how, {row});
  d.ask();
  ASSERT_EQ(d.finished.size(), 1U);
  EXPECT_EQ(d.finished[0].row.state, trial_state::pruned);
  EXPECT_EQ(d.finished[0].row.value(), 12);
  for (const auto& work : d.work) EXPECT_NE(work.where, point{3}) << "its point is done";
}

TEST(Report, OfAPrunedTrialMakesItsPointDone) {
  auto how = a_study({"x=int(1,2)"});
  how.pruner = "threshold:upper=10";
  desk d(how);
  for (int i = 0; i < 2; ++i) {
    const auto trial = d.ask().next();
    d.report(trial, 0, 11).value();
    d.tell(trial, 11);
  }
  d.ask();
  ASSERT_TRUE(d.done);
  EXPECT_EQ(d.done->because, study_command::done::reason::exhausted);
}

TEST(Report, OfAPrunedTwinEndsThoseThatWaitForIt) {
  auto how = a_study({"x=int(1,1)"});
  how.sampler = "random";
  how.pruner = "threshold:upper=10";
  how.repeats = duplicates::cached;
  const auto first = a_row(how.over, 0, trial_state::running, {0});
  auto twin = a_row(how.over, 1, trial_state::running, {0});
  twin.user_attrs["duplicate_of"] = "0";
  desk d(how, {first, twin});
  const auto trial = d.ask().next();
  d.report(trial, 0, 11).value();
  d.tell(trial, 11);
  ASSERT_EQ(d.finished.size(), 2U);
  EXPECT_EQ(d.finished[1].row.state, trial_state::pruned);
  EXPECT_EQ(d.finished[1].row.value(), 11);
}

TEST(Study, RefusesAPrunerThatThereIsNot) {
  const auto made = study::make(a_pruned_study("medium"));
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().detail, HasSubstr("is no pruner"));
}

}  // namespace
}  // namespace fabric::tuner
