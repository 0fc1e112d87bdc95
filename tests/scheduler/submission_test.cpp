#include "tests/scheduler/engine_fixture.hpp"

namespace fabric::scheduler {
namespace {

using Submission = engine_fixture;

TEST_F(Submission, IsRecordedBeforeItIsAcknowledgedAndThenGranted) {
  join(1, 1, machine(4));
  const job_id id = submit(single());
  ASSERT_EQ(kept<record::job_added>().size(), 1U);
  ASSERT_EQ(kept<record::attempt_granted>().size(), 1U);
  const auto grants = said<command::grant>();
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(grants[0].id, (attempt_id{{id, 0}, 1}));
  EXPECT_EQ(grants[0].what->payload, "work");
  EXPECT_EQ(state_of({id, 0}), task_state::granted);
}

TEST_F(Submission, WithAKnownKeyAnswersTheFirstJob) {
  job j = single();
  j.key = "nightly";
  const job_id id = submit(j);
  j.submitter = "somebody else";
  EXPECT_EQ(submit(j), id);
  EXPECT_TRUE(first<command::job_accepted>()->existed);
  EXPECT_TRUE(kept<record::job_added>().empty());
}

TEST_F(Submission, WithAKnownKeyAndOtherContentIsAConflict) {
  job j = single();
  j.key = "nightly";
  submit(j);
  j.payload = "other work";
  step(event::job_submitted{client_, std::make_shared<const job>(j)});
  ASSERT_NE(first<command::request_refused>(), nullptr);
  EXPECT_EQ(first<command::request_refused>()->why.code, fault_code::key_conflict);
}

TEST_F(Submission, KeyIsKnownAfterTheJobHasEnded) {
  join(1, 1, machine(4));
  job j = single();
  j.key = "nightly";
  const job_id id = submit(j);
  end(1, {{id, 0}, 1});
  EXPECT_EQ(scheduler_.finished(id), true);
  EXPECT_EQ(submit(j), id);
}

TEST_F(Submission, IsRefusedWhereItMakesNoSense) {
  std::vector<job> wrong(8, single());
  wrong[0].count = 0;
  wrong[1].count = 2;
  wrong[2].is_array = true;
  wrong[2].count = array_tasks_max + 1;
  wrong[3].is_array = true;
  wrong[3].first_index = 4'294'967'295U;
  wrong[3].count = 2;
  wrong[4].priority = priority_limit + 1;
  wrong[5].needs = {{{"gpu", milli{1500}}}, {}};
  wrong[6].time_limit = -1s;
  wrong[7].retry.poison_after = 0;
  for (const auto& j : wrong) {
    step(event::job_submitted{client_, std::make_shared<const job>(j)});
    ASSERT_NE(first<command::request_refused>(), nullptr);
    EXPECT_EQ(first<command::request_refused>()->why.code, fault_code::usage);
  }
  EXPECT_TRUE(scheduler_.jobs(10).empty());
}

TEST_F(Submission, AfterAnUnknownJobIsRefused) {
  job j = single();
  j.after = {job_id{7}};
  step(event::job_submitted{client_, std::make_shared<const job>(j)});
  ASSERT_NE(first<command::request_refused>(), nullptr);
  EXPECT_EQ(first<command::request_refused>()->why.code, fault_code::not_found);
}

TEST_F(Submission, ThatNoNodeCouldRunIsAcceptedWithANote) {
  join(1, 1, machine(4));
  submit(single(cpus(64)));
  EXPECT_NE(first<command::job_accepted>()->note, "");
  submit(single(cpus(4)));
  EXPECT_EQ(first<command::job_accepted>()->note, "");
}

class SubmissionToAFullQueue : public engine_fixture {
 public:
  SubmissionToAFullQueue()
      : engine_fixture([] {
          settings how;
          how.queued_tasks_max = 10;
          how.queued_bytes_max = 1000;
          return how;
        }()) {}
};

TEST_F(SubmissionToAFullQueue, IsRefusedAsBusyUntilThereIsRoomAgain) {
  const job_id id = submit(array(10));
  step(event::job_submitted{client_, std::make_shared<const job>(single())});
  ASSERT_NE(first<command::request_refused>(), nullptr);
  EXPECT_EQ(first<command::request_refused>()->why.code, fault_code::busy);
  join(1, 1, machine(1));
  EXPECT_EQ(scheduler_.count().waiting, 9U);
  submit(single());
  EXPECT_NE(id, job_id{});
}

TEST_F(SubmissionToAFullQueue, OfBytesIsRefusedAsBusyUntilAJobIsOver) {
  job large = single();
  large.payload = std::string(600, 'x');
  const job_id id = submit(large);
  step(event::job_submitted{client_, std::make_shared<const job>(large)});
  ASSERT_NE(first<command::request_refused>(), nullptr);
  EXPECT_EQ(first<command::request_refused>()->why.code, fault_code::busy);
  step(event::cancel_requested{client_, {id, std::nullopt}});
  submit(large);
}

TEST_F(Submission, OfAMillionTasksGivesEachIndexOnceInOrder) {
  job j = array(1'000'000);
  j.first_index = 1;
  const job_id id = submit(j);
  join(1, 1, machine(3));
  const auto grants = said<command::grant>();
  ASSERT_EQ(grants.size(), 3U);
  EXPECT_EQ(grants[0].id.task.index, 1U);
  EXPECT_EQ(grants[2].id.task.index, 3U);
  EXPECT_EQ(scheduler_.job_of(id)->waiting, 999'997U);
  EXPECT_EQ(state_of({id, 1'000'000}), task_state::queued);
}

TEST_F(Submission, TasksThatAreOpenAreListedWithoutThoseThatAreOver) {
  job j = array(1000);
  j.first_index = 1;
  const job_id id = submit(j);
  join(1, 1, machine(2));
  const auto indexes = [&](std::optional<task_state> only, std::size_t limit) {
    std::vector<std::uint32_t> found;
    for (const auto& task : scheduler_.open_tasks(id, only, limit)) found.push_back(task.id.index);
    return found;
  };
  using numbers = std::vector<std::uint32_t>;
  end(1, {{id, 1}, 1}, ending::succeeded);
  EXPECT_EQ(indexes(std::nullopt, 3), (numbers{2, 3, 4}));
  EXPECT_EQ(indexes(task_state::granted, 9), (numbers{2, 3}));
  EXPECT_EQ(indexes(task_state::queued, 2), (numbers{4, 5}));
  step(event::cancel_requested{client_, {id, 5}});
  EXPECT_EQ(indexes(task_state::queued, 2), (numbers{4, 6}));
  EXPECT_EQ(indexes(std::nullopt, 2000).size(), 998U);
  EXPECT_TRUE(indexes(task_state::blocked, 9).empty());
  step(event::cancel_requested{client_, {id, std::nullopt}});
  EXPECT_EQ(indexes(std::nullopt, 9), (numbers{2, 3}));
}

}  // namespace
}  // namespace fabric::scheduler
