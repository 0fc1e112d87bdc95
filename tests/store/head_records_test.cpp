#include "actors/store/head_records.hpp"

#include <gtest/gtest.h>

#include "tests/store/head_fixture.hpp"

namespace fabric::store {
namespace {

class Records : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = head_store::open(":memory:", durability::full);
    ASSERT_OK(opened);
    store.emplace(std::move(*opened));
  }
  result<void> commit(std::vector<record_type> records) {
    return store->commit(records, ++wall_ms);
  }
  std::string content() { return rendered(store->load().value()); }

  std::optional<head_store> store;
  std::int64_t wall_ms = 0;
};

TEST_F(Records, AreStoredAllOrNotAtAll) {
  ASSERT_OK(commit({added(1, 1, "same")}));
  EXPECT_FAULT(fault_code::internal, commit({added(2), added(3, 1, "same"), added(4)}));
  EXPECT_EQ(content(), "live 1\n");
  ASSERT_OK(commit({added(2), added(3)}));
}

TEST_F(Records, JobsWithoutAKeyDoNotCollide) { ASSERT_OK(commit({added(1), added(2)})); }

TEST_F(Records, AFinalStateNeverChanges) {
  ASSERT_OK(commit({added(1, 2), granted(1, 0, 1), ended(1, 0, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({ended(1, 0, 1, task_state::failed)}));
  EXPECT_FAULT(fault_code::internal, commit({ended(1, 0, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({released(1, 0, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({granted(1, 0, 2)}));
  EXPECT_EQ(content(), "live 1 0:succeeded#1\n");
}

TEST_F(Records, AnAttemptsNumberOnlyGrows) {
  ASSERT_OK(commit({added(1), granted(1, 0, 2)}));
  EXPECT_FAULT(fault_code::internal, commit({granted(1, 0, 2)}));
  EXPECT_FAULT(fault_code::internal, commit({granted(1, 0, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({released(1, 0, 1)}));
  ASSERT_OK(commit({released(1, 0, 2), granted(1, 0, 3)}));
  EXPECT_EQ(content(), "live 1 0:running#3\n");
}

TEST_F(Records, OfAnUnknownJobAreRefused) {
  EXPECT_FAULT(fault_code::internal, commit({granted(9, 0, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({released(9, 0, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({ended(9, 0, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({rec::job_cancelled{job_id{9}}}));
  EXPECT_FAULT(fault_code::internal, commit({added(0)}));
  EXPECT_FAULT(fault_code::internal, commit({added(1ULL << 31)}));
}

TEST_F(Records, AStateThatIsNotFinalCannotEndATask) {
  ASSERT_OK(commit({added(1)}));
  EXPECT_FAULT(fault_code::internal, commit({ended(1, 0, 1, task_state::running)}));
}

TEST_F(Records, AJobIsFinishedWithItsLastTask) {
  ASSERT_OK(commit({added(1, 3), ended(1, 0, 0, task_state::expired), ended(1, 1, 1)}));
  EXPECT_EQ(content(), "live 1 0:expired#0 1:succeeded#1\n");
  ASSERT_OK(commit({ended(1, 2, 1)}));
  EXPECT_EQ(content(), "finished 1 not well\n");
}

TEST_F(Records, MoreTasksThanAJobHasAreRefused) {
  ASSERT_OK(commit({added(1, 1), ended(1, 0, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({ended(1, 1, 1)}));
  EXPECT_EQ(content(), "finished 1 well\n");
}

TEST_F(Records, ACancelledJobIsFinishedWhenItsLastHeldTaskEnds) {
  ASSERT_OK(commit({added(1, 100), granted(1, 3, 1), granted(1, 4, 1), granted(1, 5, 1),
                    released(1, 5, 1), ended(1, 6, 1)}));
  ASSERT_OK(commit({rec::job_cancelled{job_id{1}, "on request"}}));
  EXPECT_EQ(content(), "live 1 cancelled 3:running#1 4:running#1 5:cancelled#1 6:succeeded#1\n");
  EXPECT_EQ(store->job(job_id{1}).value()->cancel_reason, "on request");
  EXPECT_FAULT(fault_code::internal, commit({granted(1, 7, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({released(1, 3, 1)}));
  EXPECT_FAULT(fault_code::internal, commit({ended(1, 7, 0, task_state::expired)}));
  EXPECT_FAULT(fault_code::internal, commit({ended(1, 5, 1, task_state::cancelled)}));
  EXPECT_FAULT(fault_code::internal, commit({rec::job_cancelled{job_id{1}}}));
  ASSERT_OK(commit({ended(1, 3, 1, task_state::cancelled)}));
  ASSERT_OK(commit({ended(1, 4, 1, task_state::succeeded)}));
  EXPECT_EQ(content(), "finished 1 not well\n");
}

TEST_F(Records, OfOneCommitAreTakenInOrder) {
  ASSERT_OK(commit({added(1, 2), granted(1, 0, 1), ended(1, 0, 1), granted(1, 1, 1),
                    rec::job_cancelled{job_id{1}}, ended(1, 1, 1, task_state::cancelled)}));
  EXPECT_EQ(content(), "finished 1 not well\n");
}

TEST_F(Records, SeveralBatchesCarryTheirOwnTimes) {
  const std::vector<record_type> first = {added(1)};
  const std::vector<record_type> second = {added(2)};
  const std::vector<head_store::batch> batches = {{first, 10}, {second, 20}};
  ASSERT_OK(store->commit(batches));
  EXPECT_EQ(store->job(job_id{1}).value()->submitted_ms, 10);
  EXPECT_EQ(store->job(job_id{2}).value()->submitted_ms, 20);
}

}  // namespace
}  // namespace fabric::store
