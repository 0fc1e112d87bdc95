#include "actors/store/sqlite.hpp"
#include "tests/store/study_fixture.hpp"

/// Who evaluates which open trial of a study that several tuners work on.
namespace fabric::store {
namespace {

const tuner::space grid = space_of({"x=int(0,9)"});

class StudyTuners : public StudyFile {
 protected:
  void SetUp() override { ASSERT_OK(opened().create(study_of("s", grid))); }

  study_store entered(const std::string& id) {
    auto store = opened();
    EXPECT_TRUE(store.enter("s", mark(id)));
    return store;
  }
  static tuner_mark mark(const std::string& id) { return {id, "here", 42, 4711}; }
  static outcome put(study_store& store, study_store::change what) {
    const std::vector<study_store::change> batch = {std::move(what)};
    return store.apply("s", grid, batch).value().outcomes.at(0);
  }
  static held_trial look(study_store& store, tuner::trial_number number) {
    const std::vector<tuner::trial_number> wanted = {number};
    return store.look_up("s", grid, wanted).value().at(0);
  }
};

TEST_F(StudyTuners, HoldTheTrialsThatTheyWriteUntilTheseEnd) {
  auto one = entered("one");
  auto two = entered("two");
  auto row = a_trial(grid, {1}, 0);
  ASSERT_EQ(put(one, fresh(row)), outcome::stored);
  ASSERT_TRUE(look(two, 0).by);
  EXPECT_EQ(look(two, 0).by->who, mark("one"));
  ASSERT_EQ(put(one, changed(completed(row, 2))), outcome::stored);
  EXPECT_FALSE(look(two, 0).by);
  EXPECT_EQ(look(two, 0).row.state, trial_state::complete);
  EXPECT_TRUE(two.holders("s")->empty());
}

TEST_F(StudyTuners, ArePresentFromTheirEntryToTheirLeave) {
  auto one = entered("one");
  auto two = entered("two");
  EXPECT_EQ(two.tuners("s")->size(), 2u);
  ASSERT_EQ(put(one, fresh(a_trial(grid, {1}, 0))), outcome::stored);
  ASSERT_OK(one.leave());
  EXPECT_EQ(*two.tuners("s"), std::vector{mark("two")});
  EXPECT_FALSE(look(two, 0).by) << "what it left behind is nobody's";
  EXPECT_EQ(look(two, 0).row.state, trial_state::running);
}

TEST_F(StudyTuners, ShowByTheirBeatThatTheyLive) {
  auto one = entered("one");
  ASSERT_EQ(put(one, fresh(a_trial(grid, {1}, 0))), outcome::stored);
  const auto before = look(one, 0).by->beat;
  ASSERT_OK(one.beat());
  EXPECT_GT(look(one, 0).by->beat, before);
}

TEST_F(StudyTuners, AreForgottenWhenTheyAreGoneAndNothingOfTheirsIsOpen) {
  auto one = entered("one");
  auto two = entered("two");
  ASSERT_EQ(put(two, fresh(a_trial(grid, {1}, 0))), outcome::stored);
  auto three = opened();
  ASSERT_OK(three.enter("s", mark("three"), {mark("one"), mark("two")}));
  EXPECT_EQ(*three.tuners("s"), (std::vector{mark("three"), mark("two")}));
}

TEST_F(StudyTuners, ComeBackWhenAnotherTookThemForGone) {
  auto one = entered("one");
  auto two = opened();
  ASSERT_OK(two.enter("s", mark("two"), {mark("one")}));
  ASSERT_EQ(put(one, fresh(a_trial(grid, {1}, 0))), outcome::stored);
  EXPECT_EQ(look(two, 0).by->who, mark("one"));
}

TEST_F(StudyTuners, PassATrialAndItsJobOnToWhoLeasesItAgain) {
  auto one = entered("one");
  auto row = a_trial(grid, {1}, 0);
  ASSERT_EQ(put(one, fresh(row)), outcome::stored);
  one.note_job(0, 17);
  ASSERT_OK(one.beat());
  auto two = entered("two");
  EXPECT_EQ(look(two, 0).by->job, 17u);
  row.attempt = 2;
  ASSERT_EQ(put(two, changed(row)), outcome::stored);
  EXPECT_EQ(look(two, 0).by->who, mark("two"));
  EXPECT_EQ(look(two, 0).by->job, 17u);
  one.note_job(0, 18);
  ASSERT_OK(one.beat());
  EXPECT_EQ(look(two, 0).by->job, 17u) << "only the holder says where the trial runs";
  row.attempt = 1;
  EXPECT_EQ(put(one, changed(completed(row, 1))), outcome::conflict);
}

TEST_F(StudyTuners, EndATrialThatTheSameBatchFiledUnderAnotherNumber) {
  auto one = entered("one");
  auto two = entered("two");
  ASSERT_EQ(put(one, fresh(a_trial(grid, {1}, 0), false)), outcome::stored);
  const auto row = a_trial(grid, {2}, 0);
  const std::vector<study_store::change> batch = {fresh(row, false), changed(completed(row, 5))};
  const auto stored = two.apply("s", grid, batch).value();
  EXPECT_EQ(stored.numbers, (std::vector<tuner::trial_number>{1, 1}));
  EXPECT_EQ(look(two, 0).row.state, trial_state::running);
  EXPECT_EQ(look(two, 1).row.value(), 5.0);
}

TEST_F(StudyTuners, NotesAreAddedToAFileThatLacksThem) {
  {
    auto file = sqlite::connection::open(path, {}).value();
    ASSERT_OK(file.execute("DROP TABLE fabric_tuner; DROP TABLE fabric_lease"));
  }
  auto reader = opened(study_store::mode::read_only);
  EXPECT_TRUE(reader.holders("s")->empty());
  EXPECT_TRUE(reader.tuners("s")->empty());
  auto one = entered("one");
  EXPECT_EQ(one.tuners("s")->size(), 1u);
}

TEST_F(StudyTuners, NotesGoWithTheirStudy) {
  auto one = entered("one");
  ASSERT_EQ(put(one, fresh(a_trial(grid, {1}, 0))), outcome::stored);
  ASSERT_OK(opened().remove("s"));
  ASSERT_OK(opened().create(study_of("s", grid)));
  EXPECT_TRUE(opened().tuners("s")->empty());
  EXPECT_TRUE(opened().holders("s")->empty());
}

}  // namespace
}  // namespace fabric::store
