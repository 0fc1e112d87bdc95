#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "actors/store/local_time.hpp"
#include "scheduler/tuner/best_trials.hpp"
#include "tests/store/optuna_peer.hpp"
#include "tests/store/study_fixture.hpp"

/// The real Optuna as a peer, in both directions.
namespace fabric::store {
namespace {

using nlohmann::json;
using mode = study_store::mode;

class Optuna : public StudyFile {
 protected:
  void SetUp() override {
    if (!has_optuna()) {
      GTEST_SKIP() << "python3-optuna is not installed: compatibility is NOT tested";
    }
  }

  /// A study "theirs" that Optuna wrote, made once for all tests.
  void take_theirs() {
    static const scratch_folder shared;
    static const std::string made = [] {
      const std::string file = shared / "theirs.db";
      peer("write sqlite:///" + file + " theirs");
      return file;
    }();
    std::filesystem::copy_file(made, path);
  }
};

TEST_F(Optuna, ReadsAStudyOfOurs) {
  const auto over = space_of({"x=int(10,63,step=5)", "lr=float(1e-5,0.1,log)",
                              "p=float(0,1,step=0.1)", "opt=choice(adam,'s g',3,2.5,true,null)"});
  const auto lr = over.coordinate_of(0.00123456789, 1).value();
  std::vector<tuner::trial> rows;
  for (std::uint64_t i = 0; i < 11; ++i) {
    auto row = a_trial(over, {i, lr, i, i % 6}, i);
    if (i != 7) row = completed(row, i == 3 ? 99.5 : static_cast<double>(i) / 8);
    if (i == 8) row.state = trial_state::fail;
    if (i == 9) row.state = trial_state::pruned;
    rows.push_back(row);
  }
  rows[2].user_attrs["error"] = "\"caf\xc3\xa9\"";
  {
    auto store = opened();
    auto how = study_of("ours", over);
    how.directions = {tuner::direction::maximize};
    ASSERT_OK(store.create(how));
    std::vector<study_store::change> changes;
    for (const auto& row : rows) changes.push_back(fresh(row));
    ASSERT_OK(store.apply("ours", over, changes));
  }
  const auto seen = told("read " + url() + " ours");
  EXPECT_EQ(seen["direction"], "MAXIMIZE");
  EXPECT_EQ(seen["best"], 3);
  ASSERT_EQ(seen["trials"].size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const auto& trial = seen["trials"][i];
    EXPECT_EQ(trial["number"], row.number);
    EXPECT_EQ(trial["state"], tuner::name_of(row.state));
    EXPECT_EQ(trial["params"], json::parse(over.json_of(row.where)));
    EXPECT_EQ(trial["values"], row.values.empty() ? json() : json(row.values));
    json attributes = json::object();
    for (const auto& [key, text] : row.user_attrs) attributes[key] = json::parse(text);
    EXPECT_EQ(trial["user_attrs"], attributes);
    auto start = local_time_text(row.start_ms).value();
    start[10] = 'T';
    EXPECT_EQ(trial["start"].get<std::string>().substr(0, 19), start.substr(0, 19));
    EXPECT_EQ(trial["complete"].is_null(), row.complete_ms == 0);
  }
  EXPECT_EQ(seen["trials"][0]["distributions"]["x"],
            "IntDistribution(high=60, log=False, low=10, step=5)");
  EXPECT_EQ(seen["trials"][0]["distributions"]["p"],
            "FloatDistribution(high=1.0, log=False, low=0.0, step=0.1)");
}

TEST_F(Optuna, HasTheSameTables) {
  take_theirs();
  const auto theirs = told("schema " + url());
  std::filesystem::remove(path);
  { opened(); }
  EXPECT_EQ(told("schema " + url()), theirs);
}

TEST_F(Optuna, WritesAStudyThatWeRead) {
  take_theirs();
  const auto seen = told("read " + url() + " theirs");
  const auto before = content_of(path);
  auto store = opened(mode::read_only);
  const auto row = store.study("theirs").value();
  EXPECT_EQ(row.directions, std::vector{tuner::direction::maximize});
  EXPECT_EQ(row.trials, 11U);
  EXPECT_EQ(row.complete, 9U);
  double best = 0;
  for (const auto& each : seen["trials"])
    if (each["state"] == "COMPLETE" && each["values"][0].is_number())
      best = std::max(best, each["values"][0].get<double>());
  EXPECT_EQ(row.best, best) << "an infinite one is not";
  EXPECT_TRUE(row.parameters.empty());
  EXPECT_EQ(store.settings("theirs").value(), std::nullopt);
  EXPECT_EQ(store.owner("theirs", {}, "any").value(), std::nullopt);

  const auto over = tuner::space::make(store.observed_parameters("theirs").value()).value();
  EXPECT_EQ(over, space_of({"x=int(0,50)", "lr=float(1e-5,0.1,log)", "p=float(0,1,step=0.1)",
                            "opt=choice(adam,3,2.5,true,null,'caf\xc3\xa9')"}));
  const auto trials = store.trials("theirs", over).value();
  ASSERT_EQ(trials.size(), 11U);
  for (std::size_t i = 0; i < 10; ++i) {
    const auto& trial = seen["trials"][i];
    EXPECT_EQ(trials[i].number, i);
    EXPECT_EQ(tuner::name_of(trials[i].state), trial["state"]);
    auto ours = json::parse(over.json_of(trials[i].where));
    auto theirs = trial["params"];
    EXPECT_NEAR(ours["p"].get<double>(), theirs["p"].get<double>(), 1e-12) << "theirs may drift";
    ours.erase("p");
    theirs.erase("p");
    EXPECT_EQ(ours, theirs);
    EXPECT_EQ(trials[i].user_attrs.at("HOST"), R"({"host": "laptop"})");
    EXPECT_EQ(trials[i].key, tuner::canonical_key(over, trials[i].where));
    auto start = local_time_text(trials[i].start_ms).value();
    start[10] = 'T';
    EXPECT_EQ(trial["start"].get<std::string>().substr(0, 19), start.substr(0, 19));
  }
  EXPECT_EQ(trials[5].value(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(trials[10].state, trial_state::running);
  EXPECT_TRUE(trials[10].where.empty()) << "it was never given its parameters";
  EXPECT_EQ(store.studies()->size(), 1U);
  EXPECT_EQ(content_of(path), before) << "reading must not change the file";
}

TEST_F(Optuna, TrialsOfTheirsOwnTheirPoints) {
  take_theirs();
  auto store = opened(mode::read_write);
  const auto over = tuner::space::make(store.observed_parameters("theirs").value()).value();
  const auto trials = store.trials("theirs", over).value();
  const auto taken = trials[0].where;
  auto free = taken;
  free[0] = free[0] == 7 ? 8 : 7;
  free[2] = free[2] == 10 ? 9 : 10;
  const std::vector<study_store::change> batch = {fresh(a_trial(over, taken, 11)),
                                                  fresh(a_trial(over, free, 0))};
  const auto done = store.apply("theirs", over, batch).value();
  EXPECT_EQ(done.outcomes, (std::vector<outcome>{outcome::conflict, outcome::stored}));
  EXPECT_EQ(done.numbers[1], 11U);
  EXPECT_EQ(store.owner("theirs", over, trials[0].key).value()->number, 0U);
  const auto seen = told("read " + url() + " theirs");
  EXPECT_EQ(seen["trials"].size(), 12U);
  EXPECT_EQ(seen["trials"][11]["state"], "RUNNING");
}

TEST_F(Optuna, GoesOnWithAStudyOfOurs) {
  const auto over = space_of({"x=int(0,199)"});
  auto store = opened();
  ASSERT_OK(store.create(study_of("ours", over)));
  std::vector<study_store::change> batch = {fresh(completed(a_trial(over, {100}, 0), 3.0))};
  ASSERT_OK(store.apply("ours", over, batch));
  peer("go_on " + url() + " ours");
  const auto trials = store.trials("ours", over).value();
  ASSERT_EQ(trials.size(), 6U);
  batch = {fresh(a_trial(over, trials[5].where, 6)),
           fresh(completed(a_trial(over, {100}, 6), 1), false)};
  const auto done = store.apply("ours", over, batch).value();
  EXPECT_EQ(done.outcomes.at(0), outcome::conflict);
  EXPECT_EQ(done.numbers.at(1), 6U);
}

TEST_F(Optuna, DeletesAStudyOfOursAndALaterOneOfItsIdInheritsNothing) {
  const auto over = space_of({"y=int(10,63,step=5)"});
  {
    auto store = opened();
    ASSERT_OK(store.create(study_of("ours", over)));
    ASSERT_OK(store.enter("ours", {std::string(32, 'a'), "there", 1, 1}));
    const std::vector<study_store::change> rows = {fresh(a_trial(over, {1}, 0)),
                                                   fresh(completed(a_trial(over, {2}, 1), 1))};
    ASSERT_OK(store.apply("ours", over, rows));
  }
  peer("delete " + url() + " ours");
  peer("write " + url() + " theirs");
  auto store = opened();
  const auto known = store.study("theirs").value();
  EXPECT_TRUE(known.parameters.empty());
  EXPECT_TRUE(store.tuners("theirs").value().empty());
  EXPECT_TRUE(store.holders("theirs").value().empty());
  const auto observed = store.observed_parameters("theirs").value();
  const auto rows = store.trials("theirs", tuner::space::make(observed).value()).value();
  ASSERT_EQ(rows.size(), 11U);
  EXPECT_TRUE(rows[1].node.empty());
}

TEST_F(Optuna, WritesAStudyOfSeveralObjectivesAndConstraintsThatWeRead) {
  peer("write_two " + url() + " two");
  const auto seen = told("read_two " + url() + " two");
  const auto before = content_of(path);
  auto store = opened(mode::read_only);
  const auto row = store.study("two").value();
  EXPECT_EQ(row.directions, (std::vector{tuner::direction::minimize, tuner::direction::maximize}));
  EXPECT_EQ(row.best, std::nullopt) << "it has a front, and no best value";
  const auto over = tuner::space::make(store.observed_parameters("two").value()).value();
  const auto trials = store.trials("two", over).value();
  ASSERT_EQ(trials.size(), 10U);
  tuner::best_trials best(row.directions);
  bool is_any_infeasible = false;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto& theirs = seen["trials"][i];
    const auto& ours = trials[i];
    EXPECT_EQ(tuner::name_of(ours.state), theirs["state"]);
    EXPECT_EQ(theirs["values"], ours.values.empty() ? json() : json(ours.values));
    EXPECT_EQ(theirs["constraints"], json(ours.constraints));
    is_any_infeasible = is_any_infeasible || tuner::violation_of(ours.constraints) > 0;
    auto free = ours;
    free.constraints.clear();  // which this Optuna's best_trials leaves out of account
    best.add(free);
  }
  EXPECT_TRUE(is_any_infeasible);
  std::vector<tuner::trial_number> numbers;
  for (const auto& each : best.all()) numbers.push_back(each.number);
  EXPECT_EQ(seen["best"], json(numbers));
  EXPECT_EQ(content_of(path), before) << "reading must not change the file";
}

TEST_F(Optuna, GoesOnWithAStudyOfSeveralObjectivesOfOurs) {
  const auto over = space_of({"x=int(0,199)"});
  auto store = opened();
  auto how = study_of("ours", over);
  how.directions = {tuner::direction::maximize, tuner::direction::minimize};
  ASSERT_OK(store.create(how));
  std::vector<study_store::change> batch;
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto row = completed(a_trial(over, {100 + i}, i), 0.5);
    row.values = {static_cast<double>(i), 2.0 - static_cast<double>(i)};
    row.constraints = {-1.0, i == 1 ? 0.25 : -2.0};
    if (i == 2) row.constraints[0] = std::numeric_limits<double>::infinity();
    batch.push_back(fresh(row));
  }
  ASSERT_OK(store.apply("ours", over, batch));
  const auto seen = told("read_two " + url() + " ours");
  EXPECT_EQ(seen["directions"], (json{"MAXIMIZE", "MINIMIZE"}));
  EXPECT_EQ(seen["trials"][1]["values"], (json{1.0, 1.0}));
  EXPECT_EQ(seen["trials"][1]["constraints"], (json{-1.0, 0.25}));
  EXPECT_EQ(seen["best"], (json{2}));
  peer("go_on_two " + url() + " ours");
  const auto trials = store.trials("ours", over).value();
  ASSERT_EQ(trials.size(), 63U);
  EXPECT_EQ(trials[2].constraints, batch[2].row.constraints);
  EXPECT_EQ(trials[62].values.size(), 2U);
  EXPECT_EQ(trials[62].constraints, (std::vector{-1.0}));
}

}  // namespace
}  // namespace fabric::store
