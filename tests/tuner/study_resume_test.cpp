#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "tests/tuner/desk.hpp"

namespace fabric::tuner {
namespace {

using reason = study_command::done::reason;
using enum trial_state;

TEST(ResumedStudy, PassesOverTrialsThatAreNoPointsOfItsSpace) {
  auto how = a_study({"x=int(0,2)"});
  how.directions = {direction::minimize};
  std::vector<trial> rows;
  for (const auto state : {trial_state::complete, trial_state::running, trial_state::waiting}) {
    trial row;
    row.number = rows.size();
    row.state = state;
    row.values = {-100};
    rows.push_back(row);
  }
  rows.push_back(a_row(how.over, 3, trial_state::complete, {1}, 5.0));
  desk d(how, rows);
  d.ask();
  ASSERT_EQ(d.work.size(), 1U);
  EXPECT_EQ(d.work.front().number, 4U) << "their numbers are theirs";
  EXPECT_EQ(d.of().best()->value(), 5.0);
  d.tell(d.next(), 7);
  d.ask();
  EXPECT_EQ(d.count().free, 0U);
}

TEST(ResumedStudy, GivesOutRunningRowsFirstAndNoFinishedPoint) {
  const auto how = a_study({"x=int(1,5)"});
  const auto& s = how.over;
  desk d(how, {a_row(s, 3, fail, {3}), a_row(s, 0, complete, {0}, 7.0), a_row(s, 2, running, {2}),
               a_row(s, 1, pruned, {1})});
  EXPECT_EQ(d.count().complete, 1u);
  EXPECT_EQ(d.count().failed, 1u);
  EXPECT_EQ(d.of().best()->number, 0u);
  const auto again = d.ask().next();
  EXPECT_EQ(again.number, 2u);
  EXPECT_EQ(again.attempt, 2u);
  EXPECT_TRUE(again.is_again);
  EXPECT_FALSE(d.stored.back().is_new);
  d.tell(again, 1);
  const auto fresh = d.ask().next();
  EXPECT_EQ(fresh.number, 4u);
  EXPECT_EQ(fresh.where, point{4});
  EXPECT_FALSE(fresh.is_again);
  d.tell(fresh, 2);
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(ResumedStudy, HandsOutThePointOfAFailedTrialThatIsTriedAgain) {
  const auto how = a_study({"x=int(1,2)"});
  auto failed = a_row(how.over, 0, fail, {0});
  failed.user_attrs["retried_as"] = "1";
  auto again = a_row(how.over, 1, waiting, {0});
  again.user_attrs["retry_of"] = "0";
  desk d(how, {failed, again});
  const auto e = d.ask().next();
  EXPECT_EQ(e.number, 1u);
  EXPECT_EQ(e.where, point{0});
  EXPECT_TRUE(e.is_again);
  d.tell(e, 5);
  EXPECT_EQ(d.of().best()->number, 1u);
  EXPECT_EQ(d.ask().next().where, point{1});
  EXPECT_EQ(d.count().failed, 1u);
}

TEST(ResumedStudy, HandsOutThePointThatALostWorkersTrialGaveBack) {
  const auto how = a_study({"x=int(1,2)"});
  auto lost = a_row(how.over, 0, fail, {0});
  lost.gave_back = true;
  desk d(how, {lost, a_row(how.over, 1, complete, {1}, 7)});
  const auto e = d.ask().next();
  EXPECT_EQ(e.number, 2u);
  EXPECT_EQ(e.where, point{0});
  d.tell(e, 5);
  d.ask();
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(RunningStudy, HandsOutThePointOfATrialThatFailedAndIsTriedAgain) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how);
  const auto first = d.ask().next();
  d.fail(first, "no luck");
  auto again = a_row(how.over, 7, waiting, first.where);
  again.user_attrs["retry_of"] = "0";
  d.step(study_event::abandoned_elsewhere{again});
  const auto e = d.ask().next();
  EXPECT_EQ(e.number, 7u);
  d.tell(e, 5);
  EXPECT_EQ(d.of().best()->value(), 5.0);
  d.tell(d.ask().next(), 6);
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(ResumedStudy, StillTakesTheResultOfTheAttemptThatOutlivedTheTuner) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how, {a_row(how.over, 0, running, {0})});
  d.tell({0, 1, {}}, 5);
  EXPECT_EQ(d.finished.size(), 1u);
  const auto fresh = d.ask().next();
  EXPECT_EQ(fresh.number, 1u);
}

TEST(ResumedStudy, WaitingRowStartsWithItsFirstAttempt) {
  const auto how = a_study({"x=int(1,2)"});
  desk d(how, {a_row(how.over, 0, waiting, {1})});
  const auto e = d.ask().next();
  EXPECT_EQ(e.number, 0u);
  EXPECT_EQ(e.attempt, 1u);
  EXPECT_FALSE(e.is_again);
  EXPECT_EQ(e.where, point{1});
  EXPECT_EQ(d.count().released, 0u);
}

TEST(ResumedStudy, CountsOnlyNewTrialsTowardsItsNumber) {
  auto how = a_study({"x=int(1,100)"});
  how.trials_max = 3;
  desk d(how, {a_row(how.over, 0, complete, {0}, 1.0), a_row(how.over, 1, running, {1})});
  while (!d.ask().done) d.tell(d.next(), 1);
  EXPECT_EQ(d.finished.size(), 4u);
  EXPECT_EQ(d.done->because, reason::trials_reached);
}

TEST(ResumedStudy, AnswersARunningTwinInsteadOfEvaluatingItsPointAgain) {
  const auto how = a_study({"x=int(1,2)"});
  const auto& s = how.over;
  desk d(how, {a_row(s, 0, complete, {0}, 3.0), a_row(s, 1, running, {0}),
               a_row(s, 2, running, {1}), a_row(s, 3, running, {1})});
  d.ask();
  ASSERT_EQ(d.work.size(), 1u);
  ASSERT_EQ(d.finished.size(), 1u);
  EXPECT_EQ(d.finished[0].row.number, 1u);
  EXPECT_EQ(d.finished[0].row.value(), 3.0);
  EXPECT_EQ(d.finished[0].row.user_attrs.at("duplicate_of"), "0");
  d.tell(d.next(), 4);
  ASSERT_EQ(d.finished.size(), 3u);
  EXPECT_EQ(d.finished[2].row.number, 3u);
  EXPECT_EQ(d.finished[2].row.value(), 4.0);
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(ResumedStudy, RefusesRowsThatCannotBeItsOwn) {
  const auto how = a_study({"x=int(1,5)"});
  const auto& s = how.over;
  auto outside = a_row(s, 4, complete, {0});
  outside.where = {5};
  EXPECT_EQ(study::resume(how, {outside}).error().detail, "trial 4 does not lie in the space");
  EXPECT_EQ(study::resume(how, {a_row(s, 1, complete, {0}), a_row(s, 1, fail, {1})}).error().detail,
            "trial 1 occurs twice");
  EXPECT_FALSE(study::resume(how, {a_row(s, std::numeric_limits<trial_number>::max(), fail, {0})}));
}

TEST(ResumedStudy, InfiniteStoredValueIsDoneButNeverBest) {
  auto how = a_study({"x=int(1,3)"});
  how.directions = {direction::maximize};
  desk d(how,
         {a_row(how.over, 0, complete, {0}, HUGE_VAL), a_row(how.over, 1, complete, {1}, -5.0)});
  EXPECT_EQ(d.of().best()->number, 1u);
}

class ResumedSampler : public testing::TestWithParam<const char*> {};

TEST_P(ResumedSampler, CoversWhatIsLeftWithoutRepeatingAPoint) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    auto how = a_study({"x=int(1,9)", "n=int(1,7,log)"});
    how.sampler = GetParam();
    how.seed = seed;
    std::map<trial_number, trial> table;
    std::set<point> evaluated;
    for (bool is_done = false; !is_done;) {
      std::vector<trial> rows;
      for (const auto& [n, row] : table) rows.push_back(row);
      desk d(how, rows);
      for (int i = 0; i < 7 && !d.ask().done; ++i) {
        const auto e = d.next();
        ASSERT_TRUE(evaluated.insert(e.where).second);
        d.tell(e, 1);
      }
      for (const auto& p : d.stored) table[p.row.number] = p.row;
      is_done = d.done.has_value();
    }
    EXPECT_EQ(evaluated.size(), 63u);
    EXPECT_EQ(table.size(), 63u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ResumedSampler, testing::Values("grid", "random"));

TEST(ResumedRandomSampler, DrawsOnInAContinuousSpace) {
  auto how = a_study({"lr=float(0,1)"});
  how.sampler = "random";
  how.trials_max = 2000;
  how.parallel = 2000;
  desk first(how);
  first.ask();
  std::vector<trial> rows;
  std::set<point> before;
  for (const auto& p : first.stored) {
    rows.push_back(p.row);
    rows.back().state = complete;
    rows.back().values = {1};
    before.insert(p.row.where);
  }
  desk second(how, rows);
  second.ask();
  ASSERT_EQ(second.work.size(), 2000u);
  for (const auto& e : second.work) EXPECT_FALSE(before.contains(e.where));
}

}  // namespace
}  // namespace fabric::tuner
