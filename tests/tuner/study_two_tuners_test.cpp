#include <algorithm>

#include "tests/tuner/desk.hpp"

namespace fabric::tuner {
namespace {

using reason = study_command::done::reason;

TEST(PointTakenElsewhere, IsReplacedByAnotherUnderTheSameNumber) {
  auto how = a_study({"x=int(1,3)"});
  how.trials_max = 2;
  desk d(how);
  const auto first = d.ask().next();
  d.step(study_event::taken_elsewhere{first.number, {}});
  const auto second = d.next();
  EXPECT_EQ(second.number, first.number);
  EXPECT_EQ(second.where, point{1});
  d.tell(second, 1);
  d.tell(d.ask().next(), 2);
  EXPECT_EQ(d.count().complete, 2u) << "the lost proposal is no trial";
  EXPECT_TRUE(d.done);
}

TEST(PointTakenElsewhere, CountsForTheBestWhereItIsFinished) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how);
  const auto e = d.ask().next();
  d.step(study_event::taken_elsewhere{e.number,
                                      a_row(how.over, 17, trial_state::complete, {0}, -8.0)});
  EXPECT_EQ(d.of().best()->number, 17u);
  d.tell(d.next(), 1);
  EXPECT_EQ(d.of().best()->number, 17u);
  EXPECT_EQ(d.count().complete, 1u);
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(PointTakenElsewhere, AnswersACachedProposal) {
  auto how = a_study({"x=int(1,2)"});
  how.repeats = duplicates::cached;
  desk d(how);
  const auto e = d.ask().next();
  d.step(
      study_event::taken_elsewhere{e.number, a_row(how.over, 17, trial_state::complete, {0}, 8.0)});
  ASSERT_EQ(d.finished.size(), 1u);
  EXPECT_EQ(d.finished[0].row.number, e.number);
  EXPECT_EQ(d.finished[0].row.value(), 8.0);
  EXPECT_EQ(d.finished[0].row.user_attrs.at("duplicate_of"), "17");
  EXPECT_TRUE(d.stored[d.stored.size() - 3].is_new);
}

TEST(PointTakenElsewhere, OfATrialThatIsNotLeasedIsRefused) {
  desk d(a_study({"x=int(1,2)"}));
  d.step(study_event::taken_elsewhere{5, {}});
  EXPECT_EQ(d.refused.size(), 1u);
}

TEST(PointTakenElsewhere, OfAResumedTrialDoesNotFreeItsNumber) {
  const auto how = a_study({"x=int(1,3)"});
  desk d(how, {a_row(how.over, 0, trial_state::running, {0})});
  const auto e = d.ask().next();
  d.step(study_event::taken_elsewhere{e.number, {}});
  EXPECT_EQ(d.next().number, 1u);
}

TEST(PointTakenElsewhere, IsAwaitedWhereItHasNotEnded) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how);
  const auto e = d.ask().next();
  d.step(study_event::taken_elsewhere{e.number, a_row(how.over, 0, trial_state::running, {0})});
  const auto mine = d.next();
  EXPECT_EQ(mine.number, 1u) << "the other's number is in use";
  d.tell(mine, 1);
  EXPECT_FALSE(d.ask().done) << "the space is not done while a point of it is open";
  EXPECT_EQ(d.of().awaited(), std::vector<trial_number>{0});
  d.step(study_event::seen_elsewhere{a_row(how.over, 0, trial_state::running, {0})});
  EXPECT_FALSE(d.done);
  d.step(study_event::seen_elsewhere{a_row(how.over, 0, trial_state::complete, {0}, -3.0)});
  EXPECT_EQ(d.done->because, reason::exhausted);
  EXPECT_EQ(d.of().best()->number, 0u);
  EXPECT_EQ(d.count().by_others, 1u);
}

TEST(PointTakenElsewhere, IsOursOnceItsTunerIsGone) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how);
  auto theirs = a_row(how.over, 0, trial_state::running, {0});
  theirs.attempt = 3;
  d.step(study_event::seen_elsewhere{theirs});
  d.tell(d.ask().next(), 1);
  EXPECT_TRUE(d.ask().work.empty());
  d.step(study_event::abandoned_elsewhere{theirs});
  const auto again = d.ask().next();
  EXPECT_EQ(again.number, 0u);
  EXPECT_EQ(again.attempt, 4u);
  EXPECT_EQ(again.where, point{0});
  EXPECT_FALSE(d.stored.back().is_new);
  d.tell(again, 2);
  EXPECT_EQ(d.done->because, reason::exhausted);
  EXPECT_EQ(d.count().complete, 2u);
}

TEST(PointTakenElsewhere, IsTakenUpWithoutHavingBeenKnown) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how);
  d.step(study_event::abandoned_elsewhere{a_row(how.over, 7, trial_state::running, {1})});
  EXPECT_EQ(d.ask().next().number, 7u);
}

TEST(PointTakenElsewhere, ThatWasEnqueuedIsTakenUpOnceTheStoreHasRefusedOurs) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how);
  const auto ours = d.ask().next();
  auto enqueued = a_row(how.over, 7, trial_state::waiting, ours.where);
  enqueued.attempt = 0;
  d.step(study_event::abandoned_elsewhere{enqueued});
  EXPECT_EQ(d.count().waiting, 0u);
  d.step(study_event::taken_elsewhere{ours.number, enqueued});
  d.step(study_event::abandoned_elsewhere{enqueued});
  d.tell(d.next(), 1);
  const auto again = d.ask().next();
  EXPECT_EQ(again.number, 7u);
  EXPECT_EQ(again.attempt, 1u);
  d.tell(again, 2);
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(PointTakenElsewhere, EndsTheWaitOfARunThatHasItsNumberOfTrials) {
  auto how = a_study({"x=int(1,3)"});
  how.trials_max = 1;
  desk d(how);
  d.step(study_event::seen_elsewhere{a_row(how.over, 0, trial_state::running, {0})});
  d.tell(d.ask().next(), 1);
  EXPECT_EQ(d.done->because, reason::trials_reached);
}

TEST(PointTakenElsewhere, DoesNotKeepAStoppedStudyWaiting) {
  const auto how = a_study({"x=int(1,1)"});
  desk d(how);
  d.step(study_event::seen_elsewhere{a_row(how.over, 0, trial_state::running, {0})});
  EXPECT_FALSE(d.ask().done);
  d.step(study_event::stop_requested{});
  EXPECT_EQ(d.done->because, reason::stopped);
}

TEST(PointTakenElsewhere, AnswersThoseThatWaitedForItWhenItEnds) {
  auto how = a_study({"x=int(1,2)"});
  how.sampler = "random";
  how.repeats = duplicates::cached;
  how.parallel = 2;
  desk d(how);
  for (int tries = 0; d.ask().count().waiting == 0; ++tries) {
    ASSERT_LT(tries, 100);
    how.seed++;
    d = desk(how);
  }
  const auto twin = std::stoull(d.stored.back().row.user_attrs.contains("duplicate_of")
                                    ? d.stored.back().row.user_attrs.at("duplicate_of")
                                    : d.stored.at(1).row.user_attrs.at("duplicate_of"));
  const auto work = d.work;
  const auto lost = *std::ranges::find(work, twin, &study_command::evaluate::number);
  d.step(study_event::taken_elsewhere{twin, a_row(how.over, 50, trial_state::running, lost.where)});
  EXPECT_GT(d.count().waiting, 0u);
  d.step(study_event::seen_elsewhere{a_row(how.over, 50, trial_state::complete, lost.where, 4.0)});
  EXPECT_EQ(d.count().waiting, 0u);
  ASSERT_FALSE(d.finished.empty());
  EXPECT_EQ(d.finished[0].row.value(), 4.0);
  EXPECT_EQ(d.finished[0].row.user_attrs.at("duplicate_of"), "50");
}

TEST(ResultThatWasNotRecorded, KeepsTheStudyOpenWhileAnotherHasItsTrial) {
  const auto how = a_study({"x=int(1,1)"});
  desk d(how);
  d.tell(d.ask().next(), 1);
  ASSERT_TRUE(d.done);
  d.done.reset();  // the store refused the result: the shell does not believe it
  auto theirs = a_row(how.over, 0, trial_state::running, {0});
  theirs.attempt = 2;
  d.step(study_event::rows_answered{{}, {}, {theirs}});
  EXPECT_FALSE(d.done);
  theirs.state = trial_state::complete;
  theirs.values = {5};
  d.step(study_event::seen_elsewhere{theirs});
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(RenumberedTrials, AreKnownByTheStoresNumbersFromThenOn) {
  auto how = a_study({"x=int(1,9)"});
  how.parallel = 2;
  desk d(how);
  d.ask();
  d.step(study_event::renumbered{{{0, 1}, {1, 4}}});
  d.tell({0, 1, {}}, 3);
  EXPECT_EQ(d.refused.size(), 1u);
  d.tell({1, 1, {}}, 3);
  d.tell({4, 1, {}}, 5);
  ASSERT_EQ(d.finished.size(), 2u);
  EXPECT_EQ(d.finished[0].row.where, point{0});
  EXPECT_EQ(d.finished[1].row.where, point{1});
  d.work.clear();
  EXPECT_EQ(d.ask().next().number, 5u) << "numbers of the other tuner are not proposed again";
}

TEST(RenumberedTrials, MayGetTheNumberOfAProposalThatWasLostMeanwhile) {
  auto how = a_study({"x=int(1,9)"});
  how.parallel = 2;
  desk d(how);
  d.ask();
  d.work.clear();
  const auto theirs = a_row(how.over, 0, trial_state::complete, {1}, -9.0);
  d.step(study_event::rows_answered{{{{0, 1}}}, {{1, theirs}}, {}});
  ASSERT_EQ(d.work.size(), 1u);
  EXPECT_EQ(d.next().number, 2u);
  d.tell({1, 1, {}}, 3);
  ASSERT_EQ(d.finished.size(), 1u);
  EXPECT_EQ(d.finished[0].row.where, point{0});
  EXPECT_EQ(d.of().best()->number, 0u);
}

TEST(RenumberedTrials, AreNamedRightByThoseThatWaitForThem) {
  auto how = a_study({"x=int(1,2)"});
  how.sampler = "random";
  how.repeats = duplicates::cached;
  how.parallel = 2;
  desk d(how);
  for (int tries = 0; d.ask().count().waiting == 0; ++tries) {
    ASSERT_LT(tries, 100);
    how.seed++;
    d = desk(how);
  }
  std::vector<std::pair<trial_number, trial_number>> moves;
  for (const auto& p : d.stored) moves.emplace_back(p.row.number, p.row.number + 100);
  d.step(study_event::renumbered{moves});
  for (const auto& e : d.work) d.tell({e.number + 100, 1, {}}, 1);
  EXPECT_EQ(d.count().waiting, 0u);
  EXPECT_GT(d.count().cached, 0u);
  for (const auto& f : d.finished) {
    EXPECT_GE(f.row.number, 100u);
    if (f.row.user_attrs.contains("duplicate_of")) {
      EXPECT_GE(std::stoull(f.row.user_attrs.at("duplicate_of")), 100u);
    }
  }
}

/// Another tuner's trial of the other of two points, which runs.
trial seen_beside(desk& d, const study_command::evaluate& ours) {
  auto theirs = a_row(d.of().how().over, 8, trial_state::running, {1 - ours.where[0]});
  d.step(study_event::seen_elsewhere{theirs});
  return theirs;
}

TEST(TrialOfALostWorker, GivesItsPointBackToATunerThatWaitsForIt) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how);
  const auto ours = d.ask().next();
  auto theirs = seen_beside(d, ours);
  d.tell(ours, 5);
  EXPECT_FALSE(d.ask().done) << "it may come to us yet";
  theirs.state = trial_state::fail;
  theirs.gave_back = true;
  d.step(study_event::seen_elsewhere{theirs});
  const auto again = d.ask().next();
  EXPECT_EQ(again.where, theirs.where);
  d.tell(again, 3);
  EXPECT_EQ(d.ask().done->because, reason::exhausted);
  EXPECT_EQ(d.count().complete, 2u);
}

TEST(TrialOfALostWorker, LeavesItsPointToWhoeverTookItUpMeanwhile) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how);
  const auto ours = d.ask().next();
  auto theirs = seen_beside(d, ours);
  theirs.state = trial_state::fail;
  theirs.gave_back = true;
  d.step(study_event::seen_elsewhere{theirs});
  auto other = a_row(how.over, 9, trial_state::running, theirs.where);
  d.step(study_event::seen_elsewhere{other});
  d.tell(ours, 5);
  EXPECT_TRUE(d.ask().work.empty());
  EXPECT_FALSE(d.done);
  other.state = trial_state::complete;
  other.values = {1};
  d.step(study_event::seen_elsewhere{other});
  EXPECT_EQ(d.ask().done->because, reason::exhausted);
}

}  // namespace
}  // namespace fabric::tuner
