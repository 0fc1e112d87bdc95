#include "actors/journal/journal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/journal/records.hpp"

namespace fabric::journal {
namespace {

using kind = journal::answer::kind;

bool nobody(const std::string&, std::string_view) { return false; }
bool itself(std::int64_t) { return true; }

tuner::space zero_to(int high) {
  return tuner::space::make(
             {tuner::parse_parameter("x=int(0," + std::to_string(high) + ")").value()})
      .value();
}

constexpr const char* zero_to_thousand =
    R"({"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 1000}})";

class Journal : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(book.append(make_study("a", "s"), nobody, itself).what, kind::stored);
  }

  journal::answer add(const std::string& text) { return book.append(text, nobody, itself); }
  /// The point of a new trial; -1 where it has none yet.
  int next_x(const std::string& worker) {
    const auto made = add(make_trial(worker));
    return made.what == kind::stored ? x_of(made.entry.text) : -1;
  }

  journal book{{.seed = 1, .spaces = {{"s", zero_to(2)}}}};
};

TEST_F(Journal, EveryPointIsGivenOnceAndThenThereAreNone) {
  std::set<int> seen;
  for (const int trial : {0, 1, 2}) {
    seen.insert(next_x("w" + std::to_string(trial)));
  }
  EXPECT_EQ(seen, (std::set<int>{0, 1, 2}));
  EXPECT_EQ(add(make_trial("a")).what, kind::later) << "one of the three may be lost";
  for (const int trial : {0, 1, 2}) {
    EXPECT_TRUE(add(end_trial("a", trial, 1, {0.5})).entry.counts);
  }
  const auto last = add(make_trial("a"));
  EXPECT_EQ(last.what, kind::refused);
  EXPECT_EQ(last.why.code, fault_code::exhausted);
}

TEST_F(Journal, AKeyAndTheWholePointGoWithTheTrial) {
  const auto made = add(make_trial("a")).entry;
  EXPECT_EQ(made.made, 0);
  EXPECT_FALSE(made.key.empty());
  ASSERT_EQ(made.where.size(), 1U);
  EXPECT_EQ(made.where[0].internal, x_of(made.text));
  EXPECT_EQ(json::parse(made.where[0].distribution)["name"], "IntDistribution");
}

TEST_F(Journal, ALostPointIsGivenToTheNext) {
  const int lost = next_x("a");
  const int other = next_x("b");
  const auto entries = book.lose(0, some_ms);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_TRUE(entries[1].gives_back);
  EXPECT_EQ(next_x("b"), lost);
  EXPECT_NE(next_x("b"), other);
  EXPECT_EQ(add(make_trial("c")).what, kind::later);
}

TEST_F(Journal, AProcessThatEvaluatesTrialsIsNeverMadeToWait) {
  for (const char* thread : {"p-1", "p-2", "p-3"})
    EXPECT_EQ(add(make_trial(thread)).what, kind::stored);
  EXPECT_EQ(add(make_trial("other-1")).what, kind::later) << "one of the three may be lost";
  const auto refused = add(make_trial("p-4"));
  EXPECT_EQ(refused.what, kind::refused) << "its trials could not end while it waits";
  EXPECT_EQ(refused.why.code, fault_code::exhausted);
  EXPECT_NE(refused.why.detail.find("done or under way"), std::string::npos) << refused.why.detail;
}

TEST_F(Journal, TrialsOfOneProcessesChildrenAreTheirOwn) {
  for (const char* thread : {"p-1", "p-2", "p-3"}) add(make_trial(thread));
  const auto behind_another = [](std::int64_t) { return false; };
  EXPECT_EQ(book.append(make_trial("p-1"), nobody, behind_another).what, kind::later);
}

TEST_F(Journal, AProcessLearnsASpaceWithSeveralTrialsUnderWay) {
  book.append(make_study("a", "t"), nobody, itself);
  EXPECT_EQ(x_of(add(make_trial("p-1", 1)).entry.text), -1) << "nobody knows the space";
  EXPECT_EQ(x_of(add(make_trial("p-2", 1)).entry.text), -1);
  EXPECT_EQ(add(make_trial("q-1", 1)).what, kind::later);
  for (const auto& record : {set_x("p-1", 0, 1), set_x("p-2", 1, 1), end_trial("p-2", 1, 1, {0.5}),
                             end_trial("p-1", 0, 1, {0.5})})
    EXPECT_EQ(add(record).what, kind::stored);
  std::set<int> seen;
  for (const char* worker : {"q-1", "p-1"})
    seen.insert(x_of(add(make_trial(worker, 1)).entry.text));
  EXPECT_EQ(seen, (std::set<int>{0, 2}));
}

TEST_F(Journal, ALateResultDoesNotCount) {
  const int lost = next_x("a");
  book.lose(0, some_ms);
  EXPECT_EQ(next_x("b"), lost);
  const auto late = add(end_trial("a", 0, 1, {0.5}));
  EXPECT_EQ(late.what, kind::stored) << "its writer must read it to be told";
  EXPECT_FALSE(late.entry.counts);
  EXPECT_TRUE(add(end_trial("b", 1, 1, {0.5})).entry.counts);
  EXPECT_FALSE(add(end_trial("b", 1, 1, {0.6})).entry.counts);
  EXPECT_FALSE(add(end_trial("b", 99, 1, {0.6})).entry.counts);
}

TEST_F(Journal, APointOfSomebodyElseIsPassedOver) {
  const auto only_last = [](const std::string& study, std::string_view key) {
    const auto space = zero_to(2);
    return study == "s" && key != tuner::canonical_key(space, {2});
  };
  const auto made = book.append(make_trial("a"), only_last, itself);
  ASSERT_EQ(made.what, kind::stored);
  EXPECT_EQ(x_of(made.entry.text), 2);
  EXPECT_EQ(book.append(make_trial("b"), only_last, itself).what, kind::later);
}

TEST_F(Journal, EnqueuedPointsAreNotGivenToOthers) {
  const auto enqueued = record(4, "a",
                               {{"study_id", 0},
                                {"datetime_start", nullptr},
                                {"state", 4},
                                {"system_attrs", {{"fixed_params", {{"x", 1}}}}}});
  EXPECT_FALSE(add(enqueued).entry.key.empty());
  EXPECT_TRUE(add(enqueued).entry.key.empty()) << "a repeat that was asked for has no lease";
  EXPECT_EQ((std::set<int>{next_x("a"), next_x("b")}), (std::set<int>{0, 2}));
  EXPECT_EQ(next_x("c"), -1);
}

TEST_F(Journal, WhatWasStoredReplaysToTheSame) {
  next_x("a");
  next_x("b");
  add(end_trial("a", 0, 1, {0.5}));
  book.lose(1, some_ms);
  next_x("c");
  journal again({.seed = 99, .spaces = {{"s", zero_to(2)}}});
  for (std::size_t i = 0; i < book.size(); ++i) ASSERT_TRUE(again.replay(book.text_of(i)));
  EXPECT_EQ(again.open(), book.open());
  EXPECT_EQ(again.studies(), book.studies());
  EXPECT_EQ(x_of(again.append(make_trial("d"), nobody, itself).entry.text), next_x("d"));
  EXPECT_EQ(next_x("d"), -1);
}

TEST_F(Journal, ASecondStudyOfANameDoesNotCount) {
  EXPECT_FALSE(add(make_study("b", "s")).entry.counts);
  EXPECT_TRUE(add(record(1, "b", {{"study_id", 0}})).entry.counts);
  EXPECT_EQ(add(make_trial("b")).why.code, fault_code::not_found);
  EXPECT_EQ(add(make_study("b", "s")).entry.made, 1);
  EXPECT_EQ(add(make_trial("b", 1)).entry.made, 0);
}

/// The choice of opt, and m where there is one.
json given(const journal::answer& made) {
  return json::parse(made.entry.text)["system_attrs"]["fixed_params"];
}

class JournalOfConditions : public ::testing::Test {
 protected:
  JournalOfConditions()
      : book{{.seed = 1,
              .spaces = {{"s", tuner::space::make(
                                   {tuner::parse_parameter("opt=choice(adam,sgd)").value(),
                                    tuner::parse_parameter("m=int(0,2) if opt=sgd").value()})
                                   .value()}}}} {
    add(make_study("a", "s"));
  }

  journal::answer add(const std::string& text) { return book.append(text, nobody, itself); }
  std::string set(int trial, const char* name, double internal, const char* distribution) {
    return record(5, "a",
                  {{"trial_id", trial},
                   {"param_name", name},
                   {"param_value_internal", internal},
                   {"distribution", distribution}});
  }

  static constexpr const char* opts =
      R"({"name": "CategoricalDistribution", "attributes": {"choices": ["adam", "sgd"]}})";
  journal book;
};

TEST_F(JournalOfConditions, ALeasedPointHasOnlyWhatIsActive) {
  std::set<std::string> seen;
  for (int i = 0; i < 4; ++i) {
    const auto made = add(make_trial("a"));
    ASSERT_EQ(made.what, kind::stored);
    seen.insert(given(made).dump());
    EXPECT_EQ(made.entry.where.size(), given(made).size());
  }
  EXPECT_EQ(seen, (std::set<std::string>{R"({"opt":"adam"})", R"({"m":0,"opt":"sgd"})",
                                         R"({"m":1,"opt":"sgd"})", R"({"m":2,"opt":"sgd"})"}));
  EXPECT_EQ(add(make_trial("b")).what, kind::later);
}

TEST_F(JournalOfConditions, AnEnqueuedPointMayNameMoreThanItAsksFor) {
  const auto enqueued = record(4, "a",
                               {{"study_id", 0},
                                {"datetime_start", nullptr},
                                {"state", 4},
                                {"system_attrs", {{"fixed_params", {{"opt", "adam"}, {"m", 1}}}}}});
  EXPECT_EQ(add(enqueued).entry.where.size(), 1U);
}

TEST_F(JournalOfConditions, AScriptThatBranchesOtherwiseGetsNoMorePoints) {
  int adam = 0;
  for (;; ++adam)
    if (given(add(make_trial("a"))) == json{{"opt", "adam"}}) break;
  add(set(adam, "opt", 0, opts));
  add(set(adam, "m", 1, zero_to_two));
  EXPECT_FALSE(json::parse(add(make_trial("a")).entry.text).contains("system_attrs"));
}

/// A journal that is told no space.
struct JournalWithoutSpace : testing::Test {
  journal book{journal::settings{}};

  journal::answer add(const std::string& text) { return book.append(text, nobody, itself); }
  /// The first trial, which sets x so, ends.
  void learn_from(const std::string& set) {
    for (const auto& text :
         {make_study("a", "s"), make_trial("a"), set, end_trial("a", 0, 1, {0.5})})
      add(text);
  }
};

TEST_F(JournalWithoutSpace, LearnsItFromTheFirstTrialThatEnds) {
  add(make_study("a", "s"));
  EXPECT_EQ(x_of(add(make_trial("a")).entry.text), -1);
  EXPECT_EQ(add(make_trial("b")).what, kind::later);
  add(set_x("a", 0, 1));
  const auto endings = book.endings();
  add(end_trial("a", 0, 1, {0.5}));
  EXPECT_GT(book.endings(), endings);
  std::set<int> seen;
  seen.insert(x_of(add(make_trial("b")).entry.text));
  seen.insert(x_of(add(make_trial("c")).entry.text));
  EXPECT_EQ(seen, (std::set<int>{0, 2}));
  EXPECT_EQ(add(make_trial("d")).what, kind::later);
}

TEST_F(JournalWithoutSpace, LeasesPointsOfAnyNameAndGrid) {
  const std::string third =
      R"({"name": "FloatDistribution", "attributes": {"step": 0.14285714285714285, "low": 0.3333333333333333, "high": 0.6190476190476191, "log": false}})";
  learn_from(record(5, "a",
                    {{"trial_id", 0},
                     {"param_name", "optim/lr"},
                     {"param_value_internal", 0.47619047619047616},
                     {"distribution", third}}));
  std::set<double> seen;
  for (int i = 0; i < 2; ++i)
    seen.insert(
        json::parse(add(make_trial("b")).entry.text)["system_attrs"]["fixed_params"]["optim/lr"]
            .get<double>());
  EXPECT_EQ(seen, (std::set<double>{0.3333333333333333, 0.6190476190476191}));
  EXPECT_EQ(add(make_trial("c")).what, kind::later);
}

/// Optuna looks a value up among its script's choices: no tuple is found by a list, 1 by true.
TEST_F(JournalWithoutSpace, LeavesChoicesThatWorkersCannotBeToldToTheirSamplers) {
  for (const auto* choices : {"[[1, 2], [3]]", "[1, true]", "[{\"a\": []}, 1]", "[0.0, false]"}) {
    book = journal{journal::settings{}};
    learn_from(set_x("a", 0, 1,
                     R"({"name": "CategoricalDistribution", "attributes": {"choices": )" +
                         std::string(choices) + "}}"));
    EXPECT_EQ(book.take_notices().size(), 1U) << choices;
    EXPECT_FALSE(json::parse(add(make_trial("b")).entry.text).contains("system_attrs"));
  }
}

TEST_F(JournalWithoutSpace, LeavesNumbersThatOptunasTablesRound) {
  learn_from(
      set_x("a", 0, 1,
            R"({"name": "IntDistribution", "attributes": {"low": 0, "high": 9007199254740994}})"));
  EXPECT_EQ(book.take_notices().size(), 1U);
}

TEST_F(JournalWithoutSpace, AnotherTeachesWhereTheFirstIsLost) {
  add(make_study("a", "s"));
  add(make_trial("a"));
  add(set_x("a", 0, 1));
  book.lose(0, some_ms);
  EXPECT_EQ(add(make_trial("b")).what, kind::stored);
  EXPECT_EQ(add(make_trial("c")).what, kind::later);
}

constexpr const char* zero_to_four =
    R"({"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 4}})";

TEST_F(JournalWithoutSpace, FollowsTheRangesThatTrialsAskFor) {
  learn_from(set_x("a", 0, 1));
  std::set<int> seen = {1, x_of(add(make_trial("b")).entry.text)};
  add(set_x("b", 1, *seen.begin(), zero_to_four));
  for (int i = 0; i < 3; ++i) seen.insert(x_of(add(make_trial("c")).entry.text));
  EXPECT_EQ(seen, (std::set<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(add(make_trial("d")).what, kind::later);
}

TEST_F(JournalWithoutSpace, GivesLostPointsAgainWhereTheNewRangesHaveThem) {
  learn_from(set_x("a", 0, 1, zero_to_four));
  std::set<int> lost;
  for (int i = 1; i < 5; ++i) lost.insert(x_of(add(make_trial("a")).entry.text));
  EXPECT_EQ(lost, (std::set<int>{0, 2, 3, 4}));
  for (int i = 1; i < 5; ++i) book.lose(i, some_ms);
  add(make_trial("b"));
  add(set_x("b", 5, 0));
  std::set<int> seen;
  while (seen.size() < 9) {
    const auto made = add(make_trial("b"));
    if (made.what != kind::stored) break;
    seen.insert(x_of(made.entry.text));
  }
  for (const int x : seen) EXPECT_LE(x, 2);
  EXPECT_FALSE(seen.contains(1)) << "it is done";
}

TEST_F(Journal, SaysWhatItsWorkersAskForWhereItsDeclaredSpaceIsDone) {
  journal told{{.seed = 1, .spaces = {{"s", zero_to(2)}}, .storage = "sqlite:///s.db"}};
  const auto tell = [&](const std::string& text) { return told.append(text, nobody, itself); };
  tell(make_study("a", "s"));
  for (const int trial : {0, 1, 2}) {
    const int x = x_of(tell(make_trial("a")).entry.text);
    if (trial == 2) tell(set_x("a", trial, x, zero_to_four));
    tell(end_trial("a", trial, 1, {0.5}));
  }
  const auto why = tell(make_trial("a")).why;
  EXPECT_EQ(why.detail,
            "all 3 points of study 's' are done: its space is x=int(0,2), its workers ask for "
            "x=int(0,4)");
  EXPECT_EQ(why.hint,
            "end the worker, or declare the space anew: fabricd study create s --storage "
            "sqlite:///s.db --load-if-exists --minimize --param 'x=int(0,4)'");
}

TEST_F(JournalWithoutSpace, TrialsOfABranchingSpaceComeAsTheyAre) {
  learn_from(set_x("a", 0, 1));
  add(make_trial("a"));
  add(record(5, "a",
             {{"trial_id", 1},
              {"param_name", "only_sometimes"},
              {"param_value_internal", 1.0},
              {"distribution", zero_to_two}}));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(x_of(add(make_trial("a")).entry.text), -1);
}

TEST(JournalRecords, AreCheckedBeforeAnybodyReadsThem) {
  journal book({});
  for (const std::string text :
       {"", "nothing", "[]", "{}", R"({"op_code": 0})", R"({"op_code": 10, "worker_id": "a"})",
        R"({"op_code": 0, "worker_id": "a", "study_name": 3, "directions": [1]})",
        R"({"op_code": 0, "worker_id": "a", "study_name": "s", "directions": []})",
        R"({"op_code": 6, "worker_id": "a", "trial_id": 0, "state": 9, "values": null})"}) {
    const auto answer = book.append(text, nobody, itself);
    EXPECT_EQ(answer.what, kind::refused) << text;
    EXPECT_EQ(answer.why.code, fault_code::bad_message) << text;
  }
  EXPECT_EQ(book.append(std::string(200'000, '['), nobody, itself).what, kind::refused);
  EXPECT_EQ(book.size(), 0U);
}

TEST(JournalRecords, MayHavePythonsThreeBareWords) {
  const auto read = store::read_journal_record(
      R"({"op_code": 7, "worker_id": "NaN \" Infinity", "trial_id": 0, "step": 1,)"
      R"( "intermediate_value": -Infinity})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->fields["worker_id"], "NaN \" Infinity");
  EXPECT_EQ(store::number_of(read->fields["intermediate_value"]), -INFINITY);
  const auto text = store::text_of(read->fields);
  EXPECT_NE(text.find(":-Infinity"), std::string::npos) << text;
  EXPECT_EQ(store::read_journal_record(text)->fields, read->fields);
}

/// The better, the higher x is, but no x above 500 meets its constraint. How many of the last 30 of
/// 90 trials are not far above; few are where nobody knows of constraints.
int near_of(const std::string& sampler, bool is_written_with_trial) {
  journal book({.sampler = sampler, .seed = 1, .spaces = {{"s", zero_to(1000)}}});
  book.append(make_study("a", "s"), nobody, itself);
  int near = 0;
  for (int trial = 0; trial < 90; ++trial) {
    const int x = x_of(book.append(make_trial("a"), nobody, itself).entry.text);
    if (trial >= 60 && x <= 600) ++near;
    if (is_written_with_trial) {
      book.lose(2 * trial, some_ms);
      const auto made = book.replay(record(4, "a",
                                           {{"study_id", 0},
                                            {"datetime_start", some_time},
                                            {"state", 1},
                                            {"value", -x},
                                            {"params", {{"x", x}}},
                                            {"distributions", {{"x", zero_to_thousand}}},
                                            {"system_attrs", {{"constraints", {x - 500.0}}}}}));
      EXPECT_TRUE(made);
      continue;
    }
    book.append(set_constraints("a", trial, {x - 500.0}), nobody, itself);
    book.append(end_trial("a", trial, 1, {-x}), nobody, itself);
  }
  return near;
}

TEST(JournalOfConstraints, LetsSamplersLearnWhatOptunasSamplersWrite) {
  for (const auto* sampler : {"tpe", "gp"}) {
    EXPECT_GE(near_of(sampler, false), 20) << sampler;
    EXPECT_GE(near_of(sampler, true), 20) << sampler;
  }
}

TEST(JournalOfConstraints, TakesWhatIsNoNumberForNotMet) {
  journal book({.sampler = "tpe", .seed = 1, .spaces = {{"s", zero_to(1000)}}});
  book.append(make_study("a", "s"), nobody, itself);
  for (const auto& odd : {json(), json("x"), json({"x", 1}), json({{"a", 1}}), json::array()}) {
    const auto trial = static_cast<int>(book.open().size());
    book.append(make_trial("a"), nobody, itself);
    EXPECT_TRUE(book.append(set_constraints("a", trial, odd), nobody, itself).entry.counts);
  }
}

}  // namespace
}  // namespace fabric::journal
