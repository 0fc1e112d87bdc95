#include "tests/tuner/desk.hpp"

/// Searches that end before their space does.
namespace fabric::tuner {
namespace {

using reason = study_command::done::reason;

study_settings a_search() {
  auto how = a_study({"x=int(1,9)"});
  how.parallel = 2;
  return how;
}

TEST(Goal, ThatIsReachedHandsOutNothingMoreAndWaitsForWhatRuns) {
  auto how = a_search();
  how.until = 1.5;
  desk d(how);
  d.ask();
  const auto first = d.next();
  const auto second = d.next();
  d.tell(first, 1.5);
  EXPECT_EQ(d.windings, 1);
  EXPECT_TRUE(d.ask().work.empty());
  EXPECT_FALSE(d.done);
  d.tell(second, 7);
  ASSERT_TRUE(d.done);
  EXPECT_EQ(d.done->because, reason::value_reached);
}

TEST(Goal, IsReachedFromBelowWhereTheStudyMaximizes) {
  auto how = a_search();
  how.directions = {direction::maximize};
  how.until = 5;
  how.parallel = 1;
  desk d(how);
  d.tell(d.ask().next(), 4.9);
  EXPECT_EQ(d.windings, 0);
  d.tell(d.ask().next(), 5.1);
  ASSERT_TRUE(d.done);
  EXPECT_EQ(d.done->because, reason::value_reached);
}

TEST(Goal, ThatTheStudyHasReachedAlreadyEndsItAtOnce) {
  auto how = a_search();
  how.until = 3;
  desk d(how, {a_row(how.over, 0, trial_state::complete, {0}, 2)});
  d.ask();
  EXPECT_TRUE(d.work.empty());
  ASSERT_TRUE(d.done);
  EXPECT_EQ(d.done->because, reason::value_reached);
}

TEST(Goal, IsSaidToBeReachedByTheLastPointToo) {
  auto how = a_study({"x=int(1,1)"});
  how.until = 3;
  desk d(how);
  d.tell(d.ask().next(), 3);
  EXPECT_EQ(d.done->because, reason::value_reached);
}

TEST(Patience, EndsAfterSoManyTrialsWithoutABetterValue) {
  auto how = a_search();
  how.parallel = 1;
  how.patience = 2;
  desk d(how);
  for (const double value : {5.0, 6.0, 4.0, 4.0}) d.tell(d.ask().next(), value);
  EXPECT_EQ(d.windings, 0);
  d.fail(d.ask().next(), "no luck");
  ASSERT_TRUE(d.done);
  EXPECT_EQ(d.done->because, reason::no_improvement);
  EXPECT_EQ(d.windings, 1);
}

TEST(Patience, BeginsAnewWithEachRunOfTheSearch) {
  auto how = a_search();
  how.parallel = 1;
  how.patience = 2;
  std::vector<trial> rows;
  for (trial_number n = 0; n < 4; ++n)
    rows.push_back(a_row(how.over, n, trial_state::complete, {n}, 1 + static_cast<double>(n)));
  desk d(how, rows);
  d.tell(d.ask().next(), 9);
  EXPECT_FALSE(d.done);
  d.tell(d.ask().next(), 9);
  EXPECT_TRUE(d.done);
}

TEST(Patience, CountsWhatOtherTunersEnd) {
  auto how = a_search();
  how.parallel = 1;
  how.patience = 2;
  desk d(how);
  const auto mine = d.ask().next();
  for (trial_number n = 5; n < 7; ++n)
    d.step(study_event::seen_elsewhere{a_row(how.over, n, trial_state::fail, {n})});
  EXPECT_EQ(d.windings, 1);
  d.tell(mine, 1);
  ASSERT_TRUE(d.done);
  EXPECT_EQ(d.done->because, reason::no_improvement);
}

TEST(Patience, OfNothingAndAGoalThatIsNoNumberAreRefused) {
  auto how = a_search();
  how.patience = 0;
  EXPECT_FALSE(study::make(how));
  how = a_search();
  how.until = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(study::make(how));
}

}  // namespace
}  // namespace fabric::tuner
