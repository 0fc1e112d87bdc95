#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/store/study_fixture.hpp"

/// What trials reported while they ran, in Optuna's table.
namespace fabric::store {
namespace {

using report = study_store::report;
using testing::ElementsAre;
using tuner::trial_report;

constexpr double infinity = std::numeric_limits<double>::infinity();

class StudyReports : public StudyFile {
 protected:
  const tuner::space line = space_of({"x=int(0,199)"});

  study_store with_a_running_trial() {
    auto store = opened();
    EXPECT_TRUE(store.create(study_of("s", line)));
    const std::vector<study_store::change> one = {fresh(a_trial(line, {5}, 0))};
    EXPECT_TRUE(store.apply("s", line, one));
    return store;
  }
  report a_report(std::int64_t step, double value) {
    const auto row = a_trial(line, {5}, 0);
    return {.number = 0, .key = row.key, .attempt = 1, .what = {step, value}, .run = "9.0#1"};
  }
  outcome reported(study_store& store, const report& what) {
    const std::vector<report> one = {what};
    auto done = store.apply("s", line, {}, one);
    EXPECT_TRUE(done) << to_line(done.error());
    return done ? done->reports.at(0) : outcome::conflict;
  }
  tuner::trial stored() {
    return opened(study_store::mode::read_only).trials("s", line).value().at(0);
  }
};

TEST_F(StudyReports, ComeBackInTheOrderOfTheirSteps) {
  auto store = with_a_running_trial();
  EXPECT_EQ(reported(store, a_report(7, 0.1)), outcome::stored);
  EXPECT_EQ(reported(store, a_report(2, infinity)), outcome::stored);
  EXPECT_EQ(reported(store, a_report(5, -infinity)), outcome::stored);
  EXPECT_THAT(stored().reports, ElementsAre(trial_report{2, infinity}, trial_report{5, -infinity},
                                            trial_report{7, 0.1}));
  EXPECT_EQ(stored().run, "");
  EXPECT_FALSE(stored().is_told_to_stop);
}

TEST_F(StudyReports, SayWhoseTheyAreAndThatTheTrialIsToStop) {
  auto store = with_a_running_trial();
  auto first = a_report(0, 1);
  first.is_first_of_run = true;
  EXPECT_EQ(reported(store, first), outcome::stored);
  EXPECT_EQ(stored().run, "9.0#1");
  EXPECT_FALSE(stored().is_told_to_stop);
  auto last = a_report(1, 2);
  last.is_told_to_stop = true;
  EXPECT_EQ(reported(store, last), outcome::stored);
  EXPECT_TRUE(stored().is_told_to_stop);
}

TEST_F(StudyReports, OfANewRunTakeThePlaceOfLaterSteps) {
  auto store = with_a_running_trial();
  for (int step = 0; step < 4; ++step) reported(store, a_report(step, 1));
  auto again = a_report(2, 9);
  again.run = "9.0#2";
  again.is_first_of_run = true;
  EXPECT_EQ(reported(store, again), outcome::stored);
  EXPECT_THAT(stored().reports,
              ElementsAre(trial_report{0, 1}, trial_report{1, 1}, trial_report{2, 9}));
  EXPECT_EQ(stored().run, "9.0#2");
}

TEST_F(StudyReports, OfATrialThatIsOverOrAnothersAreRefused) {
  auto store = with_a_running_trial();
  auto other = a_report(0, 1);
  other.attempt = 2;
  EXPECT_EQ(reported(store, other), outcome::conflict);
  other = a_report(0, 1);
  other.number = 3;
  EXPECT_EQ(reported(store, other), outcome::conflict);
  auto row = a_trial(line, {5}, 0);
  row.state = trial_state::pruned;
  const std::vector<study_store::change> end = {changed(row, true)};
  ASSERT_TRUE(store.apply("s", line, end));
  EXPECT_EQ(reported(store, a_report(0, 1)), outcome::conflict);
  EXPECT_TRUE(stored().reports.empty());
}

TEST_F(StudyReports, AreWrittenBeforeTheRowsOfTheirBatch) {
  auto store = with_a_running_trial();
  auto row = a_trial(line, {5}, 0);
  row.state = trial_state::pruned;
  row.values = {1};
  const std::vector<study_store::change> end = {changed(row, true)};
  const std::vector<report> one = {a_report(0, 1)};
  const auto done = store.apply("s", line, end, one);
  ASSERT_TRUE(done);
  EXPECT_THAT(done->reports, ElementsAre(outcome::stored));
  EXPECT_THAT(done->outcomes, ElementsAre(outcome::stored));
  EXPECT_EQ(stored().state, trial_state::pruned);
  EXPECT_EQ(stored().reports.size(), 1U);
}

TEST_F(StudyReports, GoWithTheirStudy) {
  auto store = with_a_running_trial();
  auto first = a_report(0, 1);
  first.is_first_of_run = true;
  reported(store, first);
  ASSERT_TRUE(store.remove("s"));
  ASSERT_TRUE(store.create(study_of("s", line)));
  const std::vector<study_store::change> one = {fresh(a_trial(line, {5}, 0))};
  ASSERT_TRUE(store.apply("s", line, one));
  EXPECT_TRUE(stored().reports.empty());
  EXPECT_EQ(stored().run, "");
}

}  // namespace
}  // namespace fabric::store
