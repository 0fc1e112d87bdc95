#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <tuple>

#include "tests/study/study_cases.hpp"

namespace {

using fabric::finding;
using fabric::trial;

/// The smaller x the better in the first, the greater in the second: every point is on the front.
std::vector<double> vector_of_two(const trial& t) {
  const auto x = t.get<double>("x");
  return {x, 10 * x};
}
FABRIC_FUNCTION(vector_of_two);

std::array<double, 2> array_of_two(const trial& t) {
  const auto x = t.get<double>("x");
  return {x, 10 * x};
}
FABRIC_FUNCTION(array_of_two);

std::tuple<double, int> tuple_of_two(const trial& t) {
  return {t.get<double>("x"), 10 * t.get<int>("x")};
}
FABRIC_FUNCTION(tuple_of_two);

std::pair<double, double> pair_of_two(const trial& t) {
  const auto x = t.get<double>("x");
  return {x, 10 * x};
}
FABRIC_FUNCTION(pair_of_two);

/// No more than 4 is allowed.
finding constrained(const trial& t) {
  const auto x = t.get<double>("x");
  return {.values = {x, 10 * x}, .constraints = {x - 4}};
}
FABRIC_FUNCTION(constrained);

finding one_constrained(const trial& t) {
  const auto x = t.get<double>("x");
  return {.values = {x}, .constraints = {6 - x}};
}
FABRIC_FUNCTION(one_constrained);

std::vector<double> three(const trial&) { return {1, 2, 3}; }
FABRIC_FUNCTION(three);

/// Right for even x only.
std::vector<double> odd_ones_lack_one(const trial& t) {
  const auto x = t.get<double>("x");
  return t.get<int>("x") % 2 == 1 ? std::vector{x} : std::vector{x, x};
}
FABRIC_FUNCTION(odd_ones_lack_one);

std::array<double, 2> half_numbers(const trial& t) { return {t.get<double>("x"), std::nan("")}; }
FABRIC_FUNCTION(half_numbers);

}  // namespace

namespace fabric {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::uint64_t> numbers_of(const std::vector<trial_record>& trials) {
  std::vector<std::uint64_t> all;
  for (const auto& one : trials) all.push_back(one.number);
  return all;
}

/// What holds in this process holds with a database, too.
class StudyOfTwo : public testing::TestWithParam<bool> {
 protected:
  [[nodiscard]] study_options how() const {
    auto made = ten_points();
    made.directions = {direction::minimize, direction::maximize};
    made.load_if_exists = true;
    if (GetParam()) made.storage = there_.url();
    return made;
  }

  session where_ = init(session_options{.cpus = 2, .gpus = 0});

 private:
  const database there_;
};
INSTANTIATE_TEST_SUITE_P(Kept, StudyOfTwo, testing::Bool(),
                         [](const auto& is) { return is.param ? "InADatabase" : "InThisProcess"; });

TEST_P(StudyOfTwo, KeepsEachValueAndConstraint) {
  study s{how()};
  const auto told = s.tell(*s.ask(), {1, 20});
  EXPECT_EQ(told.state, trial_state::complete);
  EXPECT_THAT(told.values, ElementsAre(1, 20));
  EXPECT_FALSE(told.value);
  s.tell(*s.ask(), {.values = {2, 30}, .constraints = {-1, 0.5}});
  const auto rows = s.trials();
  EXPECT_THAT(rows.at(0).values, ElementsAre(1, 20));
  EXPECT_THAT(rows.at(0).constraints, IsEmpty());
  EXPECT_THAT(rows.at(1).values, ElementsAre(2, 30));
  EXPECT_THAT(rows.at(1).constraints, ElementsAre(-1, 0.5));
}

TEST_P(StudyOfTwo, HasAFrontOfTheFeasibleTrialsThatNoneBeats) {
  study s{how()};
  EXPECT_THAT(s.front(), IsEmpty());
  s.tell(*s.ask(), {3, 1});
  s.tell(*s.ask(), {1, 5});
  s.tell(*s.ask(), {2, 9});
  s.tell(*s.ask(), {.values = {0, 99}, .constraints = {1}});
  EXPECT_THAT(numbers_of(s.front()), ElementsAre(1, 2));
  EXPECT_THAT(s.front().at(1).values, ElementsAre(2, 9));
}

TEST_P(StudyOfTwo, HasNoSingleBestTrial) {
  study s{how()};
  s.tell(*s.ask(), {3, 1});
  EXPECT_THAT(refusal([&] { (void)s.best(); }),
              HasSubstr("USAGE: study study has 2 objectives, so no trial alone is the best; "
                        "front() has the best ones"));
}

TEST_P(StudyOfTwo, RefusesAWrongNumberOfValuesAndLeavesTheTrialOpen) {
  study s{how()};
  const auto t = s.ask();
  EXPECT_THAT(refusal([&] { s.tell(*t, 1); }),
              HasSubstr("USAGE: trial 0 is told 1 value for 2 objectives"));
  EXPECT_THAT(refusal([&] { s.tell(*t, {1, 2, 3}); }), HasSubstr("3 values for 2 objectives"));
  EXPECT_THAT(refusal([&] { s.tell(*t, std::vector<double>{}); }), HasSubstr("0 values for 2"));
  EXPECT_EQ(s.tell(*t, {1, 2}).state, trial_state::complete);
}

TEST_P(StudyOfTwo, FailsATrialWithANumberThatIsNotFinite) {
  study s{how()};
  EXPECT_EQ(s.tell(*s.ask(), {1, std::nan("")}).error, "value 2 is nan");
  EXPECT_EQ(s.tell(*s.ask(), {.values = {1, 2}, .constraints = {INFINITY}}).error,
            "the constraint is infinite");
  EXPECT_THAT(s.front(), IsEmpty());
}

TEST_P(StudyOfTwo, RefusesWhatIsForOneObjective) {
  const auto why = [&](auto change) {
    auto with = how();
    change(with);
    return refusal([&] { study{with}; });
  };
  EXPECT_THAT(why([](auto& s) { s.until = 1; }), HasSubstr("for one objective, here are 2"));
  EXPECT_THAT(why([](auto& s) { s.patience = 3; }), HasSubstr("for one objective, here are 2"));
  EXPECT_THAT(why([](auto& s) { s.pruner = "median"; }), HasSubstr("for one objective"));
  EXPECT_THAT(why([](auto& s) { s.sampler = "gp"; }), HasSubstr("serves one objective"));
  EXPECT_THAT(why([](auto& s) { s.directions = {}; }), HasSubstr("it has no objective"));
}

TEST_P(StudyOfTwo, IsSearchedBySamplersThatKnowSeveralObjectives) {
  auto with = how();
  for (const auto* sampler : {"tpe", "nsga2"}) {
    with.name = with.sampler = sampler;
    study s{with};
    EXPECT_EQ(s.optimize(where_, constrained), ending::exhausted);
    EXPECT_EQ(s.trials().size(), 10U);
    EXPECT_EQ(s.front().size(), 5U);
  }
}

TEST_P(StudyOfTwo, TakesSeveralNumbersFromItsFunctionInAnyForm) {
  auto with = how();
  const auto evaluate = [&](const char* name, auto objective) {
    with.name = name;
    study s{with};
    EXPECT_EQ(s.optimize(where_, objective), ending::exhausted);
    for (const auto& t : s.trials()) {
      ASSERT_THAT(t.values, SizeIs(2)) << name;
      EXPECT_EQ(t.values[1], 10 * t.values[0]) << name;
    }
    EXPECT_EQ(s.front().size(), 10U) << name;
  };
  evaluate("vector", vector_of_two);
  evaluate("array", array_of_two);
  evaluate("tuple", tuple_of_two);
  evaluate("pair", pair_of_two);
}

TEST_P(StudyOfTwo, TakesConstraintsFromItsFunction) {
  study s{how()};
  s.optimize(where_, constrained);
  EXPECT_EQ(s.front().size(), 5U);
  for (const auto& t : s.trials()) EXPECT_THAT(t.constraints, ElementsAre(t.values.at(0) - 4));
}

TEST_P(StudyOfTwo, SpendsNoPointOnAFunctionOfAnotherNumberOfValues) {
  study s{how()};
  EXPECT_THAT(refusal([&] { s.optimize(where_, three); }),
              HasSubstr("USAGE: the objective answers 3 values for 2 objectives of study study"));
  EXPECT_EQ(s.optimize(where_, array_of_two), ending::exhausted);
  EXPECT_EQ(s.front().size(), 10U);
}

TEST_P(StudyOfTwo, FailsWhatItsFunctionAnswersInPart) {
  study s{how()};
  EXPECT_EQ(s.optimize(where_, odd_ones_lack_one, {.parallel = 1}), ending::exhausted);
  for (const auto& t : s.trials()) {
    if (std::get<std::int64_t>(t.params.at(0).second) % 2 == 1)
      EXPECT_EQ(t.error, "1 value for 2 objectives");
    else
      EXPECT_EQ(t.state, trial_state::complete);
  }
  auto other = how();
  other.name = "half";
  study half{other};
  half.optimize(where_, half_numbers);
  std::vector<std::string> errors;
  for (const auto& t : half.trials()) errors.push_back(t.error);
  EXPECT_THAT(errors, Each("value 2 is nan"));
}

TEST(StudyOfOne, HasAFrontOfItsBestFeasibleTrial) {
  auto where = init(session_options{.cpus = 2, .gpus = 0});
  study s{ten_points()};
  s.optimize(where, one_constrained);
  ASSERT_TRUE(s.best());
  EXPECT_EQ(s.best()->value, 6);
  EXPECT_THAT(s.best()->constraints, ElementsAre(0));
  EXPECT_THAT(numbers_of(s.front()), ElementsAre(s.best()->number));
}

TEST(StudyOfOne, MayLookForTheGreatestValue) {
  auto how = ten_points();
  how.directions = {direction::maximize};
  study s{how};
  while (const auto t = s.ask()) s.tell(*t, t->get<int>("x"));
  EXPECT_EQ(s.best()->value, 9);
}

TEST(StoredStudyOfTwo, GoesOnWithItsFrontAndItsObjectives) {
  const database there;
  auto how = ten_points();
  how.storage = there.url();
  how.load_if_exists = true;
  how.directions = {direction::minimize, direction::maximize};
  {
    study s{how};
    s.tell(*s.ask(), {2, 9});
    s.tell(*s.ask(), {.values = {0, 99}, .constraints = {1}});
  }
  study again{how};
  EXPECT_THAT(numbers_of(again.front()), ElementsAre(0));
  EXPECT_THAT(again.trials().at(1).constraints, ElementsAre(1));
  how.directions = {direction::minimize};
  EXPECT_THAT(refusal([&] { study{how}; }), HasSubstr("was made to minimize,maximize"));
}

}  // namespace
}  // namespace fabric
