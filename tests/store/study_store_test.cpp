#include "actors/store/study_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <limits>

#include "actors/store/sqlite.hpp"
#include "tests/store/study_fixture.hpp"

namespace fabric::store {
namespace {

using mode = study_store::mode;

class StudyStore : public StudyFile {
 protected:
  const tuner::space mixed = space_of({"x=int(10,60,step=5)", "lr=float(1e-5,0.1,log)",
                                       "p=float(0,1,step=0.1)", "opt=choice(adam,'s g',3,null)"});
  const tuner::space line = space_of({"x=int(0,199)"});

  outcome applied(study_store& store, study_store::change what) {
    const std::vector<study_store::change> one = {std::move(what)};
    auto done = store.apply("s", line, one);
    EXPECT_TRUE(done) << to_line(done.error());
    return done ? done->outcomes.at(0) : outcome::conflict;
  }
};

TEST_F(StudyStore, AFailedTrialGivesItsPointToTheOneThatTriesItAgain) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  auto failed = a_trial(line, {5}, 0);
  failed.state = trial_state::fail;
  EXPECT_EQ(applied(store, fresh(failed)), outcome::stored);
  auto again = a_trial(line, {5}, 1);
  again.state = trial_state::waiting;
  EXPECT_EQ(applied(store, fresh(again)), outcome::conflict);
  auto retry = fresh(again);
  retry.retries = 0;
  EXPECT_EQ(applied(store, retry), outcome::stored);
  EXPECT_EQ(store.trials("s", line)->at(0).user_attrs.at("retried_as"), "1");
  EXPECT_EQ(store.owner("s", line, again.key).value()->number, 1U);
  retry.row.number = 2;
  EXPECT_EQ(applied(store, retry), outcome::conflict) << "once";
  auto done = fresh(completed(a_trial(line, {6}, 3), 1));
  EXPECT_EQ(applied(store, done), outcome::stored);
  auto other = fresh(a_trial(line, {6}, 4));
  other.retries = 3;
  EXPECT_EQ(applied(store, other), outcome::conflict) << "it has not failed";
}

TEST_F(StudyStore, TrialsComeBackExactlyAsTheyWereStored) {
  const auto lr = tuner::space(mixed).coordinate_of(0.00123456789, 1).value();
  std::vector<tuner::trial> rows = {
      completed(a_trial(mixed, {0, lr, 3, 1}, 0), -0.1),
      completed(a_trial(mixed, {10, lr, 10, 3}, 1), std::numeric_limits<double>::infinity()),
      a_trial(mixed, {4, lr, 0, 2}, 2), a_trial(mixed, {5, lr, 7, 0}, 3),
      a_trial(mixed, {6, lr, 7, 0}, 4)};
  rows[0].attempt = 3;
  rows[0].user_attrs["error"] = "\"caf\xc3\xa9 \\u0000 \\\"x\\\"\"";
  rows[3].state = trial_state::pruned;
  rows[3].values = {1e-300};
  rows[4].state = trial_state::fail;
  rows[4].complete_ms = rows[4].start_ms;
  {
    auto store = opened();
    ASSERT_OK(store.create(study_of("s", mixed)));
    std::vector<study_store::change> changes;
    for (const auto& row : rows) changes.push_back(fresh(row));
    auto done = store.apply("s", mixed, changes);
    ASSERT_OK(done);
    EXPECT_EQ(done->outcomes, std::vector<outcome>(5, outcome::stored));
    EXPECT_EQ(done->numbers, (std::vector<tuner::trial_number>{0, 1, 2, 3, 4}));
  }
  auto store = opened(mode::read_only);
  const auto found = store.trials("s", mixed);
  ASSERT_OK(found);
  EXPECT_EQ(*found, rows);
  EXPECT_EQ(store.owner("s", mixed, rows[1].key).value(), rows[1]);
  EXPECT_EQ(store.owner("s", mixed, "nobody's").value(), std::nullopt);
}

TEST_F(StudyStore, SettingsComeBack) {
  auto how = study_of("s", mixed);
  how.directions = {tuner::direction::maximize};
  how.sampler = "grid";
  how.repeats = tuner::duplicates::cached;
  how.trials_max = 100;
  how.parallel = 7;
  how.attempts_max = 9;
  how.seed = ~0ULL;
  auto store = opened();
  ASSERT_OK(store.create(how));
  const auto settings = store.settings("s");
  ASSERT_OK(settings);
  ASSERT_TRUE(settings->has_value());
  const auto& back = **settings;
  EXPECT_EQ(back.over, how.over);
  EXPECT_EQ(std::tie(back.name, back.directions, back.sampler, back.repeats, back.trials_max,
                     back.parallel, back.attempts_max, back.seed),
            std::tie(how.name, how.directions, how.sampler, how.repeats, how.trials_max,
                     how.parallel, how.attempts_max, how.seed));
}

TEST_F(StudyStore, StudiesAreListedWithTheirBest) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  auto up = study_of("up", mixed);
  up.directions = {tuner::direction::maximize};
  ASSERT_OK(store.create(up));
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(applied(store, fresh(completed(a_trial(line, {i}, i), 5.0 - static_cast<double>(i)))),
              outcome::stored);
  }
  auto failed = a_trial(line, {7}, 3);
  failed.state = trial_state::fail;
  EXPECT_EQ(applied(store, fresh(failed)), outcome::stored);
  const auto all = store.studies().value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "s");
  EXPECT_EQ(all[0].trials, 4U);
  EXPECT_EQ(all[0].complete, 3U);
  EXPECT_EQ(all[0].best, 3.0);
  EXPECT_EQ(all[1].directions, std::vector{tuner::direction::maximize});
  EXPECT_EQ(all[1].best, std::nullopt);
  EXPECT_EQ(all[1].parameters, mixed.parameters());
}

TEST_F(StudyStore, SeveralObjectivesAndConstraintsAreReadBackAsTheyWereStored) {
  auto store = opened();
  auto how = study_of("s", line);
  how.directions = {tuner::direction::minimize, tuner::direction::maximize,
                    tuner::direction::minimize};
  ASSERT_OK(store.create(how));
  auto row = completed(a_trial(line, {1}, 0), 0);
  row.values = {0.1, -std::numeric_limits<double>::infinity(), 1e300};
  row.constraints = {-0.5, std::numeric_limits<double>::infinity()};
  EXPECT_EQ(applied(store, fresh(row)), outcome::stored);
  auto pruned = a_trial(line, {2}, 1);
  pruned.state = trial_state::pruned;
  EXPECT_EQ(applied(store, fresh(pruned)), outcome::stored);
  EXPECT_EQ(store.trials("s", line).value(), (std::vector{row, pruned}));
  EXPECT_EQ(store.study("s")->directions, how.directions);
  EXPECT_EQ(store.study("s")->best, std::nullopt);
  EXPECT_EQ(store.settings("s").value()->directions, how.directions);
}

TEST_F(StudyStore, TheBestOfAStudyIsFeasible) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  for (std::uint64_t i = 0; i < 3; ++i) {
    auto row = completed(a_trial(line, {i}, i), static_cast<double>(i));
    row.constraints = {0.0, i == 0 ? 1e-9 : -1.0};
    EXPECT_EQ(applied(store, fresh(row)), outcome::stored);
  }
  EXPECT_EQ(store.study("s")->best, 1.0);
}

TEST_F(StudyStore, AnUnknownStudyIsNamedWithThoseThatExist) {
  auto store = opened();
  EXPECT_FAULT(fault_code::not_found, store.study("s"));
  ASSERT_OK(store.create(study_of("one", line)));
  ASSERT_OK(store.create(study_of("two", line)));
  const auto missing = store.study("thre");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().detail.find("'thre'"), std::string::npos);
  EXPECT_NE(missing.error().hint.find("two, one"), std::string::npos) << missing.error().hint;
  EXPECT_FAULT(fault_code::not_found, store.trials("thre", line));
  EXPECT_FAULT(fault_code::not_found, store.remove("thre"));
  EXPECT_FAULT(fault_code::not_found, store.apply("thre", line, {}));
}

TEST_F(StudyStore, ANameIsGivenOnce) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  EXPECT_FAULT(fault_code::key_conflict, store.create(study_of("s", mixed)));
  EXPECT_FAULT(fault_code::usage, store.create(study_of("", line)));
  EXPECT_FAULT(fault_code::usage, store.create(study_of(std::string(513, 'x'), line)));
}

TEST_F(StudyStore, ARemovedStudyLeavesNothingAndItsNameIsFree) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("other", line)));
  ASSERT_OK(store.create(study_of("s", line)));
  EXPECT_EQ(applied(store, fresh(completed(a_trial(line, {1}, 0), 1))), outcome::stored);
  EXPECT_EQ(applied(store, fresh(completed(a_trial(line, {2}, 1), 1))), outcome::stored);
  ASSERT_OK(store.remove("s"));
  EXPECT_EQ(store.studies()->size(), 1U);
  ASSERT_OK(store.create(study_of("s", line)));
  EXPECT_TRUE(store.trials("s", line)->empty());
  EXPECT_EQ(applied(store, fresh(a_trial(line, {1}, 0))), outcome::stored);
  EXPECT_EQ(store.trials("s", line)->at(0).number, 0U);
}

TEST_F(StudyStore, APointIsRecordedOnce) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  const auto first = a_trial(line, {5}, 0);
  auto twin = a_trial(line, {5}, 1);
  const std::vector<study_store::change> both = {fresh(first), fresh(twin),
                                                 fresh(a_trial(line, {6}, 1))};
  const auto done = store.apply("s", line, both).value();
  EXPECT_EQ(done.outcomes,
            (std::vector<outcome>{outcome::stored, outcome::conflict, outcome::stored}));
  EXPECT_EQ(applied(store, fresh(twin)), outcome::conflict);
  twin.number = 2;
  EXPECT_EQ(applied(store, fresh(completed(twin, 1), false)), outcome::stored)
      << "a repeat that was asked for";
  EXPECT_EQ(store.trials("s", line)->size(), 3U);
  EXPECT_EQ(store.owner("s", line, first.key).value()->number, 0U);
}

TEST_F(StudyStore, ATakenNumberIsReplacedByTheNextFreeOne) {
  auto one = opened();
  ASSERT_OK(one.create(study_of("s", line)));
  auto two = opened(mode::read_write);
  EXPECT_EQ(applied(one, fresh(a_trial(line, {0}, 0))), outcome::stored);
  const std::vector<study_store::change> batch = {
      fresh(a_trial(line, {1}, 0)), fresh(a_trial(line, {2}, 1)), fresh(a_trial(line, {3}, 9)),
      fresh(a_trial(line, {4}, 5))};
  EXPECT_EQ(two.apply("s", line, batch)->numbers, (std::vector<tuner::trial_number>{1, 2, 9, 5}));
  const std::vector<study_store::change> late = {fresh(a_trial(line, {7}, 5)),
                                                 fresh(a_trial(line, {8}, 6))};
  EXPECT_EQ(one.apply("s", line, late)->numbers, (std::vector<tuner::trial_number>{10, 6}));
  auto update = completed(a_trial(line, {7}, 10), 2.0);
  EXPECT_EQ(applied(two, changed(update)), outcome::stored);
}

TEST_F(StudyStore, AFinishedTrialNeverChanges) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  const auto row = a_trial(line, {5}, 0);
  EXPECT_EQ(applied(store, fresh(row)), outcome::stored);
  EXPECT_EQ(applied(store, changed(completed(row, 1.0))), outcome::stored);
  const auto before = store.trials("s", line).value();
  EXPECT_EQ(applied(store, changed(completed(row, 2.0))), outcome::conflict);
  auto again = row;
  again.attempt = 9;
  EXPECT_EQ(applied(store, changed(again)), outcome::conflict);
  EXPECT_EQ(store.trials("s", line).value(), before);
}

TEST_F(StudyStore, AnOldAttemptChangesNothing) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  auto row = a_trial(line, {5}, 0);
  EXPECT_EQ(applied(store, fresh(row)), outcome::stored);
  EXPECT_EQ(applied(store, changed(row)), outcome::conflict) << "a lease needs a higher attempt";
  row.attempt = 2;
  EXPECT_EQ(applied(store, changed(row)), outcome::stored);
  EXPECT_EQ(applied(store, changed(row)), outcome::conflict) << "another tuner resumed it first";
  row.attempt = 1;
  EXPECT_EQ(applied(store, changed(completed(row, 1.0))), outcome::conflict);
  row.attempt = 2;
  EXPECT_EQ(applied(store, changed(completed(row, 1.0))), outcome::stored);
  EXPECT_EQ(applied(store, changed(completed(a_trial(line, {77}, 44), 1.0))), outcome::conflict)
      << "no such trial";
}

TEST_F(StudyStore, AWaitingTrialMayTakeItsPointLater) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  auto waiting = a_trial(line, {5}, 0);
  waiting.state = trial_state::waiting;
  EXPECT_EQ(applied(store, fresh(waiting, false)), outcome::stored);
  EXPECT_EQ(store.owner("s", line, waiting.key).value(), std::nullopt);
  auto running = waiting;
  running.state = trial_state::running;
  EXPECT_EQ(applied(store, changed(running, true)), outcome::stored);
  EXPECT_EQ(store.owner("s", line, waiting.key).value()->number, 0U);
  waiting.number = 1;
  EXPECT_EQ(applied(store, fresh(waiting, false)), outcome::stored);
  running.number = 1;
  EXPECT_EQ(applied(store, changed(running, true)), outcome::conflict);
}

TEST_F(StudyStore, RowsThatNoOneCouldReadAreRefusedWithTheirBatch) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  const auto good = a_trial(line, {1}, 0);
  std::vector<tuner::trial> bad(9, a_trial(line, {2}, 1));
  bad[0].where = {200};
  bad[1].key.clear();
  bad[2] = completed(bad[2], std::numeric_limits<double>::quiet_NaN());
  bad[3].state = trial_state::complete;
  bad[4].user_attrs["HOST"] = "{no json";
  bad[5].number = ~0ULL;
  bad[6] = completed(bad[6], 1);
  bad[6].values = {1, 2};
  bad[7].state = trial_state::pruned;
  bad[7].values = {1, 2};
  bad[8] = completed(bad[8], 1);
  bad[8].constraints = {std::numeric_limits<double>::quiet_NaN()};
  for (const auto& row : bad) {
    const std::vector<study_store::change> batch = {fresh(good), fresh(row)};
    EXPECT_FAULT(fault_code::usage, store.apply("s", line, batch));
  }
  EXPECT_TRUE(store.trials("s", line)->empty());
}

TEST_F(StudyStore, TrialsOutsideTheSpaceAreKeptAndShowWhatTheyHave) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  EXPECT_EQ(applied(store, fresh(completed(a_trial(line, {150}, 0), 1))), outcome::stored);
  EXPECT_EQ(applied(store, fresh(a_trial(line, {160}, 1))), outcome::stored);
  const auto wider = space_of({"x=int(-100,500)"});
  const auto moved = store.trials("s", wider).value();
  EXPECT_EQ(moved[0].where, tuner::point{250});
  EXPECT_EQ(moved[0].key, a_trial(line, {150}, 0).key);
  const std::vector<study_store::change> twin = {fresh(a_trial(wider, {250}, 5))};
  EXPECT_EQ(store.apply("s", wider, twin)->outcomes.at(0), outcome::conflict);
  for (const auto* other : {"x=int(0,100)", "y=int(0,199)", "x=int(1,199,step=2)"}) {
    const auto outside = store.trials("s", space_of({other})).value();
    ASSERT_EQ(outside.size(), 2U);
    EXPECT_TRUE(outside[0].where.empty());
    EXPECT_EQ(outside[0].outside.at("x"), "150");
    EXPECT_EQ(outside[0].value(), 1);
  }
  const auto one = store.trials("s", space_of({"x=int(0,155)"})).value();
  EXPECT_EQ(one[0].where, tuner::point{150});
  EXPECT_TRUE(one[0].outside.empty());
  EXPECT_TRUE(one[1].where.empty());
  EXPECT_EQ(store.trials("s", {})->size(), 2U);
}

TEST_F(StudyStore, ConditionsAreKeptAndTrialsHaveOnlyWhatIsActive) {
  const auto over = space_of({"opt=choice(adam,sgd)", "m=int(0,2) if opt=sgd"});
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", over)));
  EXPECT_EQ(store.settings("s").value()->over, over);
  const std::vector<study_store::change> rows = {
      fresh(completed(a_trial(over, {0, tuner::inactive}, 0), 1)),
      fresh(completed(a_trial(over, {1, 2}, 1), 2))};
  ASSERT_OK(store.apply("s", over, rows));
  const auto found = store.trials("s", over).value();
  EXPECT_EQ(found[0].where, (tuner::point{0, tuner::inactive}));
  EXPECT_EQ(found[1].where, (tuner::point{1, 2}));
  const auto plain = store.trials("s", space_of({"opt=choice(adam,sgd)", "m=int(0,2)"})).value();
  EXPECT_TRUE(plain[0].where.empty()) << "it lacks m";
  EXPECT_EQ(plain[0].outside, (std::map<std::string, std::string>{{"opt", "\"adam\""}}));
  EXPECT_EQ(plain[1].where, (tuner::point{1, 2}));
  const auto other =
      store.trials("s", space_of({"opt=choice(adam,sgd)", "m=int(0,2) if opt=adam"})).value();
  EXPECT_TRUE(other[0].where.empty());
  EXPECT_TRUE(other[1].where.empty()) << "it has m, which is left out there";
  const std::vector<study_store::change> wrong = {fresh(a_trial(over, {1, 1}, 2))};
  EXPECT_FAULT(
      fault_code::usage,
      store.apply("s", space_of({"opt=choice(adam,sgd)", "m=int(0,2) if opt=adam"}), wrong));
}

TEST_F(StudyStore, AnotherSpaceIsDeclaredInThePlaceOfTheFirst) {
  auto store = opened();
  ASSERT_OK(store.create(study_of("s", line)));
  const auto other = space_of({"y=int(0,1)", "x=int(0,9) if y=1"});
  ASSERT_OK(store.redeclare("s", other));
  EXPECT_EQ(store.settings("s").value()->over, other);
  EXPECT_FAULT(fault_code::usage, store.redeclare("s", space_of({"x=int(0,9007199254740993)"})));
  EXPECT_FAULT(fault_code::not_found, store.redeclare("t", other));
}

TEST_F(StudyStore, AFileThatIsNotThereIsNotMadeUnlessAsked) {
  EXPECT_FAULT(fault_code::not_found, study_store::open(url(), mode::read_write));
  EXPECT_FAULT(fault_code::not_found, study_store::open(url(), mode::read_only));
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FAULT(fault_code::not_found,
               study_store::open("sqlite:///" + (folder / "no/such.db"), mode::create));
}

TEST_F(StudyStore, FilesOfOtherProgramsAreRefusedUntouched) {
  {
    auto other = sqlite::connection::open(path, {sqlite::access::create});
    ASSERT_OK(other);
    ASSERT_OK(other->execute("CREATE TABLE studies (x)"));
  }
  std::ofstream(folder / "text.db") << std::string(3000, 'x');
  for (const auto& file : {path, folder / "text.db"}) {
    const auto before = content_of(file);
    for (const auto how : {mode::read_only, mode::read_write, mode::create}) {
      EXPECT_FAULT(fault_code::bad_message, study_store::open("sqlite:///" + file, how));
    }
    EXPECT_EQ(content_of(file), before);
  }
}

TEST_F(StudyStore, OtherSchemasAreRefusedUntouchedWithTheRemedy) {
  struct version {
    const char* change;
    const char* remedy;
  };
  for (const auto& [change, remedy] :
       {version{"UPDATE alembic_version SET version_num = 'v2.6.0.a'", "optuna storage upgrade"},
        version{"UPDATE version_info SET schema_version = 11", "optuna storage upgrade"},
        version{"UPDATE alembic_version SET version_num = 'v9.0.0.a'", "newer version"},
        version{"UPDATE version_info SET schema_version = 13", "newer version"},
        version{"UPDATE fabric_format SET version = 2", "newer version"}}) {
    std::filesystem::remove(path);
    { opened(); }
    {
      auto file = sqlite::connection::open(path, {sqlite::access::read_write});
      ASSERT_OK(file);
      ASSERT_OK(file->execute(change));
    }
    const auto before = content_of(path);
    const auto refused = study_store::open(url(), mode::create);
    ASSERT_FALSE(refused) << change;
    EXPECT_EQ(refused.error().code, fault_code::version) << change;
    EXPECT_NE(refused.error().hint.find(remedy), std::string::npos) << refused.error().hint;
    EXPECT_EQ(content_of(path), before);
  }
}

TEST_F(StudyStore, AReaderCannotWrite) {
  { ASSERT_OK(opened().create(study_of("s", line))); }
  auto reader = opened(mode::read_only);
  EXPECT_FAULT(fault_code::store_failed, reader.create(study_of("t", line)));
  const std::vector<study_store::change> one = {fresh(a_trial(line, {5}, 0))};
  EXPECT_FAULT(fault_code::store_failed, reader.apply("s", line, one));
}

}  // namespace
}  // namespace fabric::store
