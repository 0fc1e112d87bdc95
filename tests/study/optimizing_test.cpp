#include <gmock/gmock.h>

#include <atomic>

#include "tests/study/study_cases.hpp"

namespace {

double parabola(const fabric::trial& t) {
  const auto x = t.get<double>("x");
  return (x - 3) * (x - 3);
}
FABRIC_FUNCTION(parabola);

double shifted(const fabric::trial& t, double by) { return t.get<double>("x") + by; }
FABRIC_FUNCTION(shifted);

double odd_ones_throw(const fabric::trial& t) {
  if (t.get<int>("x") % 2 == 1) throw std::domain_error("odd");
  return t.get<double>("x");
}
FABRIC_FUNCTION(odd_ones_throw);

/// Reports until it is told to stop; answers how often it did.
double reporting(const fabric::trial& t) {
  for (int step = 0; step < 10; ++step)
    if (t.report(step, t.get<double>("x")) == fabric::verdict::stop) throw fabric::trial_pruned{};
  return t.get<double>("x");
}
FABRIC_FUNCTION(reporting);

double reports_twice(const fabric::trial& t) {
  (void)t.report(1, 1);
  (void)t.report(1, 2);
  return 0;
}
FABRIC_FUNCTION(reports_twice);

double unregistered(const fabric::trial&) { return 0; }

}  // namespace

namespace fabric {
namespace {

using testing::HasSubstr;

session small() { return init(session_options{.cpus = 2, .gpus = 0}); }

TEST(OptimizedStudy, EvaluatesEachPointOnceWithAFunction) {
  auto where = small();
  study s{ten_points()};
  std::set<std::uint64_t> told;
  const auto why =
      s.optimize(where, parabola, {.parallel = 4, .on_trial = [&](const trial_record& t) {
                                     EXPECT_EQ(t.state, trial_state::complete);
                                     EXPECT_FALSE(t.node.empty());
                                     told.insert(t.number);
                                   }});
  EXPECT_EQ(why, ending::exhausted);
  EXPECT_EQ(told.size(), 10U);
  EXPECT_EQ(s.best()->value, 0);
  EXPECT_EQ(std::get<std::int64_t>(s.best()->params.at(0).second), 3);
}

TEST(OptimizedStudy, HandsFurtherArgumentsToTheFunction) {
  auto where = small();
  study s{ten_points()};
  EXPECT_EQ(s.optimize(where, shifted, {}, 100.0), ending::exhausted);
  EXPECT_EQ(s.best()->value, 100);
}

TEST(OptimizedStudy, EndsAfterAsManyTrialsAsWereAskedForAndGoesOn) {
  auto where = small();
  study s{{.parameters = {real("x", 0, 9)}, .seed = 1}};
  EXPECT_EQ(s.optimize(where, parabola, {.trials = 7}), ending::trials_reached);
  EXPECT_EQ(s.trials().size(), 7U);
  EXPECT_EQ(s.optimize(where, parabola, {.trials = 5, .parallel = 1}), ending::trials_reached);
  EXPECT_EQ(s.trials().size(), 12U);
}

TEST(OptimizedStudy, FailsTrialsWhoseFunctionThrows) {
  auto where = small();
  study s{ten_points()};
  EXPECT_EQ(s.optimize(where, odd_ones_throw), ending::exhausted);
  int failed = 0;
  for (const auto& t : s.trials()) {
    if (t.state != trial_state::fail) continue;
    ++failed;
    EXPECT_EQ(t.error, "odd");
  }
  EXPECT_EQ(failed, 5);
}

TEST(OptimizedStudy, StopsFunctionsThatThePrunerFindsBad) {
  auto where = small();
  auto how = ten_points();
  how.pruner = "threshold:upper=4";
  study s{how};
  EXPECT_EQ(s.optimize(where, reporting), ending::exhausted);
  for (const auto& t : s.trials()) {
    const auto x = std::get<std::int64_t>(t.params.at(0).second);
    EXPECT_EQ(t.state, x > 4 ? trial_state::pruned : trial_state::complete) << x;
    EXPECT_EQ(t.reports.size(), x > 4 ? 1U : 10U) << x;
  }
}

TEST(OptimizedStudy, TellsAFunctionWhatIsWrongWithItsReport) {
  auto where = small();
  auto how = ten_points();
  how.parameters = {integer("x", 0, 0)};
  study s{how};
  s.optimize(where, reports_twice);
  EXPECT_EQ(s.trials().at(0).state, trial_state::fail);
  EXPECT_THAT(s.trials().at(0).error, HasSubstr("KEY_CONFLICT"));
}

TEST(OptimizedStudy, EndsWhereItIsStoppedFromItsCallback) {
  auto where = small();
  study s{{.parameters = {real("x", 0, 9)}, .seed = 1}};
  int told = 0;
  const auto why =
      s.optimize(where, parabola, {.parallel = 1, .on_trial = [&](const trial_record&) {
                                     if (++told == 3) s.stop();
                                   }});
  EXPECT_EQ(why, ending::stopped);
  EXPECT_EQ(told, 3);
}

TEST(OptimizedStudy, ThrowsWhatWouldFailForEveryPointAndGivesThePointsBack) {
  auto where = small();
  study s{ten_points()};
  EXPECT_THROW(s.optimize(where, unregistered), error);
  EXPECT_THROW(s.optimize(where, parabola, {.call = {.cpus = 1000}}), error);
  EXPECT_EQ(s.optimize(where, parabola), ending::exhausted);
  for (const auto& t : s.trials()) EXPECT_EQ(t.state, trial_state::complete);
}

TEST(OptimizedStudy, PassesOnWhatACallbackThrowsAndGivesThePointsBack) {
  auto where = small();
  study s{ten_points()};
  EXPECT_THROW(s.optimize(where, parabola, {.on_trial = [](const trial_record&) { throw 5; }}),
               int);
  EXPECT_EQ(s.optimize(where, parabola), ending::exhausted);
  EXPECT_EQ(s.trials().size(), 10U);
}

TEST(OptimizedStudy, ThrowsWhereItsSessionHasEnded) {
  auto where = small();
  where.shutdown();
  study s{ten_points()};
  EXPECT_THROW(s.optimize(where, parabola), error);
}

}  // namespace
}  // namespace fabric
