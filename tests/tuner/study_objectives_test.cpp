#include <gmock/gmock.h>

#include <cmath>

#include "tests/tuner/desk.hpp"

/// Studies of several objectives, and of constraints.
namespace fabric::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

study_settings two_objectives(std::initializer_list<std::string_view> space = {"x=int(0,9)"}) {
  auto how = a_study(space);
  how.directions = {direction::minimize, direction::maximize};
  return how;
}

void tell(desk& d, const study_command::evaluate& what, std::vector<double> values,
          std::vector<double> constraints = {}) {
  study_event::told e;
  e.number = what.number;
  e.attempt = what.attempt;
  e.values = std::move(values);
  e.constraints = std::move(constraints);
  d.step(e);
}

std::string error_of(const trial& row) {
  const auto found = row.user_attrs.find("error");
  return found == row.user_attrs.end() ? "" : found->second;
}

std::vector<trial_number> front(const desk& d) {
  std::vector<trial_number> all;
  for (const auto& row : d.of().front()) all.push_back(row.number);
  return all;
}

TEST(SeveralObjectives, EndInAFrontInsteadOfABestTrial) {
  desk d(two_objectives());
  tell(d, d.ask().next(), {1, 1});
  tell(d, d.ask().next(), {2, 2});
  tell(d, d.ask().next(), {3, 1});
  EXPECT_THAT(front(d), ElementsAre(0U, 1U));
  EXPECT_EQ(d.of().best(), nullptr);
  EXPECT_THAT(d.finished.back().row.values, ElementsAre(3, 1));
  EXPECT_EQ(d.finished.back().row.state, trial_state::complete);
}

TEST(SeveralObjectives, FailATrialWithTooFewOrTooManyValues) {
  desk d(two_objectives());
  tell(d, d.ask().next(), {1});
  EXPECT_EQ(error_of(d.finished.back().row), "\"1 value for 2 objectives\"");
  tell(d, d.ask().next(), {1, 2, 3});
  EXPECT_EQ(error_of(d.finished.back().row), "\"3 values for 2 objectives\"");
  tell(d, d.ask().next(), {});
  EXPECT_EQ(error_of(d.finished.back().row), "\"the evaluation ended without a value\"");
  for (const auto& each : d.finished) {
    EXPECT_EQ(each.row.state, trial_state::fail);
    EXPECT_TRUE(each.row.values.empty());
  }
}

TEST(SeveralObjectives, FailATrialWithOneValueThatIsNotFinite) {
  desk d(two_objectives());
  tell(d, d.ask().next(), {1, std::nan("")});
  EXPECT_EQ(error_of(d.finished.back().row), "\"value 2 is nan\"");
  tell(d, d.ask().next(), {HUGE_VAL, 1});
  EXPECT_EQ(error_of(d.finished.back().row), "\"value 1 is infinite\"");
  EXPECT_EQ(d.count().failed, 2U);
}

TEST(SeveralObjectives, RefuseGoalsAndPruners) {
  const auto complaint = [](auto change) {
    auto how = two_objectives();
    change(how);
    const auto made = study::make(how);
    return made ? std::string{} : to_line(made.error());
  };
  EXPECT_EQ(complaint([](auto& how) { how.until = 3; }),
            "USAGE: study s: a value to reach is for one objective, here are 2; leave it out");
  EXPECT_THAT(complaint([](auto& how) { how.patience = 3; }), HasSubstr("patience is for one"));
  EXPECT_THAT(complaint([](auto& how) { how.pruner = "median"; }),
              HasSubstr("a pruner is for one"));
  EXPECT_THAT(complaint([](auto& how) { how.sampler = "cma-es"; }),
              HasSubstr("the cma-es sampler serves one objective"));
  EXPECT_THAT(complaint([](auto& how) { how.directions.clear(); }),
              HasSubstr("it has no objective"));
  EXPECT_EQ(complaint([](auto&) {}), "");
}

TEST(SeveralObjectives, TakeNoReports) {
  desk d(two_objectives());
  const auto answer = d.report(d.ask().next(), 1, 0.5);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, fault_code::usage);
  EXPECT_EQ(answer.error().detail, "trial 0 has 2 objectives, and reports are of one");
}

TEST(SeveralObjectives, AnswerACachedRepeatWithAllValuesAndConstraints) {
  auto how = two_objectives({"x=int(0,5)"});
  how.sampler = "random";
  how.repeats = duplicates::cached;
  how.trials_max = 200;
  desk d(how);
  while (!d.done) {
    d.ask();
    if (!d.work.empty()) {
      const auto work = d.next();
      tell(d, work, {1.0 + static_cast<double>(work.where[0]), 5}, {-2, 0.5});
    }
  }
  ASSERT_GT(d.count().cached, 0U);
  for (const auto& each : d.finished) {
    EXPECT_THAT(each.row.values, ElementsAre(1.0 + static_cast<double>(each.row.where[0]), 5));
    EXPECT_THAT(each.row.constraints, ElementsAre(-2, 0.5));
  }
}

TEST(SeveralObjectives, GoOnFromStoredRows) {
  const auto how = two_objectives();
  auto good = a_row(how.over, 0, trial_state::complete, {0});
  good.values = {1, 1};
  auto better = a_row(how.over, 1, trial_state::complete, {1});
  better.values = {1, 2};
  auto of_another = a_row(how.over, 2, trial_state::complete, {2}, -7);
  desk d(how, {good, better, of_another});
  EXPECT_THAT(front(d), ElementsAre(1U));
  EXPECT_EQ(d.ask().next().where, point{3}) << "each stored point is done";
}

TEST(Constraints, KeepATrialThatViolatesThemFromBeingBest) {
  auto how = a_study({"x=int(0,9)"});
  how.until = 2;
  desk d(how);
  tell(d, d.ask().next(), {1}, {0.1});
  EXPECT_EQ(d.of().best(), nullptr);
  EXPECT_EQ(d.windings, 0) << "a goal is reached by a feasible trial only";
  EXPECT_EQ(d.finished.back().row.state, trial_state::complete);
  EXPECT_THAT(d.finished.back().row.constraints, ElementsAre(0.1));
  tell(d, d.ask().next(), {5}, {-1});
  EXPECT_EQ(d.of().best()->number, 1U);
  tell(d, d.ask().next(), {2}, {0});
  EXPECT_EQ(d.of().best()->number, 2U);
  EXPECT_EQ(d.windings, 1);
}

TEST(Constraints, ThatAreNoNumbersFailTheTrial) {
  desk d(a_study({"x=int(0,9)"}));
  tell(d, d.ask().next(), {1}, {std::nan("")});
  EXPECT_EQ(error_of(d.finished.back().row), "\"the constraint is nan\"");
  tell(d, d.ask().next(), {1}, {0, HUGE_VAL});
  EXPECT_EQ(error_of(d.finished.back().row), "\"constraint 2 is infinite\"");
}

}  // namespace
}  // namespace fabric::tuner
