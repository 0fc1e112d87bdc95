#include "scheduler/tuner/study.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/tuner/desk.hpp"

namespace fabric::tuner {
namespace {

using reason = study_command::done::reason;
using testing::HasSubstr;

TEST(Study, RefusesSettingsThatCannotWork) {
  const auto fault_of = [](study_settings how) {
    const auto made = study::make(std::move(how));
    return made ? std::string{} : made.error().detail + "; " + made.error().hint;
  };
  auto how = a_study({"x=int(1,3)"});
  EXPECT_EQ(fault_of(how), "");
  how.sampler = "gird";
  EXPECT_EQ(fault_of(how),
            "\"gird\" is no sampler; the samplers are brute-force, cma-es, gp, grid, halton, "
            "nsga2, random, sobol, tpe");
  how = a_study({"x=int(1,3)", "lr=float(0,1)"});
  EXPECT_THAT(fault_of(how), HasSubstr("cannot list parameter lr, which is continuous"));
  how = a_study({"x=int(0,4294967295)", "y=int(0,4294967295)"});
  EXPECT_THAT(fault_of(how), HasSubstr("more than 2^64 - 1 points"));
  how = a_study({"x=int(1,3)"});
  how.parallel = 0;
  EXPECT_THAT(fault_of(how), HasSubstr("0 trials at a time"));
  how = a_study({"x=int(1,3)"});
  how.attempts_max = 0;
  EXPECT_THAT(fault_of(how), HasSubstr("0 attempts"));
  EXPECT_THAT(fault_of({}), HasSubstr("no parameter"));
}

TEST(Study, StoresARowBeforeItsEvaluationBegins) {
  auto how = a_study({"x=int(1,3)"});
  how.repeats = duplicates::never;
  auto s = study::make(how).value();
  const auto commands = s.step(study_event::asked{}, 77);
  ASSERT_EQ(commands.size(), 2u);
  const auto& stored = std::get<study_command::persist>(commands[0]);
  EXPECT_TRUE(stored.is_new);
  EXPECT_TRUE(stored.unique_point);
  EXPECT_EQ(stored.row.state, trial_state::running);
  EXPECT_EQ(stored.row.start_ms, 77);
  EXPECT_EQ(stored.row.key, canonical_key(how.over, {0}));
  EXPECT_EQ(std::get<study_command::evaluate>(commands[1]).where, point{0});
}

TEST(Study, HandsOutNoMoreThanParallel) {
  auto how = a_study({"x=int(1,10)"});
  how.parallel = 3;
  desk d(how);
  EXPECT_EQ(d.ask().work.size(), 3u);
  EXPECT_EQ(d.ask().work.size(), 3u);
  d.tell(d.next(), 1);
  EXPECT_EQ(d.work.size(), 2u);
  EXPECT_EQ(d.ask().work.size(), 3u);
  EXPECT_EQ(d.count().leased, 3u);
}

TEST(Study, HandsOutNoMoreThanAreAskedFor) {
  auto how = a_study({"x=int(1,10)"});
  how.parallel = 5;
  auto s = study::make(how).value();
  s.step(study_event::asked{2}, 0);
  EXPECT_EQ(s.count().leased, 2u);
  s.step(study_event::asked{}, 0);
  EXPECT_EQ(s.count().leased, 5u);
}

TEST(Study, GoesOnWhereItsLimitOfTrialsIsRaised) {
  auto how = a_study({"x=int(1,10)"});
  how.trials_max = 1;
  desk d(how);
  d.ask();
  d.tell(d.next(), 1);
  EXPECT_EQ(d.done->because, reason::trials_reached);
  d.done.reset();
  d.step(study_event::limited{2});
  EXPECT_EQ(d.ask().work.size(), 1u);
  d.tell(d.next(), 1);
  d.ask();
  d.tell(d.next(), 1);
  EXPECT_EQ(d.ask().work.size(), 0u);
  EXPECT_EQ(d.count().complete, 3u);
  d.done.reset();
  d.step(study_event::limited{});
  EXPECT_EQ(d.ask().work.size(), 1u);
}

TEST(Study, CompleteRowCarriesValueNodeHostAndTimes) {
  desk d(a_study({"x=int(1,3)"}));
  d.ask();
  study_event::told e;
  e.values = {2.5};
  e.node = "n1";
  e.host = "box \"7\"";
  e.start_ms = 5;
  e.complete_ms = 9;
  d.step(e);
  ASSERT_EQ(d.finished.size(), 1u);
  const auto& row = d.finished[0].row;
  EXPECT_EQ(row, d.stored.back().row);
  EXPECT_FALSE(d.stored.back().is_new);
  EXPECT_EQ(row.state, trial_state::complete);
  EXPECT_EQ(row.value(), 2.5);
  EXPECT_EQ(row.node, "n1");
  EXPECT_EQ(row.start_ms, 5);
  EXPECT_EQ(row.complete_ms, 9);
  EXPECT_EQ(row.user_attrs.at("HOST"), R"({"host": "box \"7\""})");
  EXPECT_EQ(*d.of().best(), row);
}

TEST(Study, AFailedTrialSaysWhereItFailed) {
  desk d(a_study({"x=int(1,3)"}));
  d.ask();
  study_event::told e;
  e.error = "exit status 3";
  e.node = "n1";
  e.host = "box7";
  d.step(e);
  const auto& row = d.finished.at(0).row;
  EXPECT_EQ(row.state, trial_state::fail);
  EXPECT_EQ(row.node, "n1");
  EXPECT_EQ(row.user_attrs.at("HOST"), R"({"host": "box7"})");
}

TEST(Study, ValuesThatAreNotFiniteFailTheTrial) {
  desk d(a_study({"x=int(1,9)"}));
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    d.ask().tell(d.next(), bad);
    const auto& row = d.finished.back().row;
    EXPECT_EQ(row.state, trial_state::fail);
    EXPECT_FALSE(row.value());
    EXPECT_EQ(row.user_attrs.at("error"),
              std::isnan(bad) ? "\"the value is nan\"" : "\"the value is infinite\"");
  }
  d.ask().fail(d.next(), "");
  EXPECT_EQ(d.finished.back().row.user_attrs.at("error"),
            "\"the evaluation ended without a value\"");
  EXPECT_EQ(d.of().best(), nullptr);
  EXPECT_EQ(d.count().failed, 4u);
}

TEST(Study, FailedPointIsNotTriedAgain) {
  desk d(a_study({"x=int(1,1)"}));
  d.ask().fail(d.next(), "it said \"no\"");
  EXPECT_EQ(d.finished[0].row.user_attrs.at("error"), R"("it said \"no\"")");
  EXPECT_EQ(d.done->because, reason::exhausted);
  EXPECT_TRUE(d.ask().work.empty());
}

TEST(Study, VanishedPointIsLeasedAgainUnderItsNumber) {
  desk d(a_study({"x=int(1,3)"}));
  const auto first = d.ask().next();
  d.lose(first);
  const auto second = d.next();
  EXPECT_EQ(second.number, first.number);
  EXPECT_EQ(second.where, first.where);
  EXPECT_EQ(second.attempt, 2u);
  EXPECT_FALSE(d.stored.back().is_new);
  EXPECT_EQ(d.stored.back().row.attempt, 2u);
  EXPECT_EQ(d.count().released, 1u);
}

TEST(Study, StaleFinishedAndUnknownTellsAreRefused) {
  desk d(a_study({"x=int(1,3)"}));
  const auto first = d.ask().next();
  d.lose(first);
  const auto second = d.next();
  d.tell(first, 1);
  d.tell(second, 2);
  d.tell(second, 3);
  d.tell({7, 1, {}}, 4);
  const auto third = d.ask().next();
  d.tell({third.number, 2, {}}, 5);
  ASSERT_EQ(d.refused.size(), 4u);
  EXPECT_EQ(d.refused[0].why, "attempt 2 of trial 0 has the point now");
  EXPECT_EQ(d.refused[1].why, "trial 0 is over");
  EXPECT_EQ(d.refused[2].why, "there is no trial 7");
  EXPECT_EQ(d.refused[3].why, "attempt 2 of trial 1 was never handed out");
  EXPECT_EQ(d.count().refused, 4u);
  ASSERT_EQ(d.finished.size(), 1u);
  EXPECT_EQ(d.finished[0].row.value(), 2);
}

TEST(Study, TrialThatIsLostTooOftenFails) {
  auto how = a_study({"x=int(1,1)"});
  how.attempts_max = 3;
  desk d(how);
  d.ask();
  d.lose(d.next());
  d.lose(d.next());
  d.lose({0, 1, {}});
  EXPECT_EQ(d.work.size(), 1u) << "a stale report of loss must not count";
  d.lose(d.next());
  EXPECT_TRUE(d.work.empty());
  ASSERT_EQ(d.finished.size(), 1u);
  EXPECT_EQ(d.finished[0].row.state, trial_state::fail);
  EXPECT_EQ(d.finished[0].row.attempt, 3u);
  EXPECT_EQ(d.finished[0].row.user_attrs.at("error"), "\"lost 3 times\"");
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(Study, WaitsForLeasedPointsBeforeItIsExhausted) {
  auto how = a_study({"x=int(1,2)"});
  how.parallel = 8;
  desk d(how);
  d.ask().ask();
  ASSERT_EQ(d.work.size(), 2u);
  EXPECT_FALSE(d.done);
  EXPECT_EQ(d.count().free, 0u);
  d.tell(d.next(), 1);
  EXPECT_FALSE(d.ask().done);
  d.tell(d.next(), 2);
  EXPECT_EQ(d.done->because, reason::exhausted);
}

TEST(Study, StopsAtItsNumberOfTrials) {
  auto how = a_study({"lr=float(0,1)"});
  how.sampler = "random";
  how.trials_max = 5;
  how.parallel = 2;
  desk d(how);
  for (int i = 0; i < 5; ++i) d.ask().tell(d.next(), i);
  EXPECT_EQ(d.finished.size(), 5u);
  EXPECT_EQ(d.done->because, reason::trials_reached);
}

TEST(Study, StopHandsOutNothingAndWaitsForWhatIsLeased) {
  auto how = a_study({"x=int(1,9)"});
  how.parallel = 2;
  desk d(how);
  d.ask().step(study_event::stop_requested{});
  EXPECT_FALSE(d.done);
  const auto lost = d.next();
  d.lose(lost);
  EXPECT_EQ(d.work.size(), 1u) << "after a stop a lost point is not leased again";
  d.tell(d.next(), 1);
  EXPECT_EQ(d.done->because, reason::stopped);
  d.tell(lost, 2);
  EXPECT_EQ(d.finished.size(), 2u) << "its late result is still the only one and is taken";
  EXPECT_TRUE(d.ask().work.empty());
}

TEST(Study, BestFollowsTheDirectionAndThenTheLowestNumber) {
  for (const auto towards : {direction::minimize, direction::maximize}) {
    auto how = a_study({"x=int(1,4)"});
    how.directions = {towards};
    how.parallel = 4;
    desk d(how);
    d.ask();
    const auto work = d.work;
    d.tell(work[3], 9);
    d.tell(work[2], 1);
    d.tell(work[1], 9);
    d.tell(work[0], 1);
    EXPECT_EQ(d.of().best()->number, towards == direction::minimize ? 0u : 1u);
  }
}

TEST(Study, EqualSeedsGiveEqualStudiesAndOthersOthers) {
  const auto points_of = [](std::uint64_t seed) {
    auto how = a_study({"x=int(1,1000)", "o=choice(a,b)", "lr=float(1e-5,1,log)"});
    how.sampler = "random";
    how.seed = seed;
    how.parallel = 20;
    desk d(how);
    std::vector<point> points;
    for (const auto& e : d.ask().work) points.push_back(e.where);
    return points;
  };
  EXPECT_EQ(points_of(1), points_of(1));
  EXPECT_NE(points_of(1), points_of(2));
}

}  // namespace
}  // namespace fabric::tuner
