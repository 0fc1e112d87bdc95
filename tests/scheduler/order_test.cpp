#include "tests/scheduler/engine_fixture.hpp"

namespace fabric::scheduler {
namespace {

using Order = engine_fixture;

/// The job that got the only free slot in the last step.
job_id granted_job(const engine_fixture& f) {
  const auto* grant = f.first<command::grant>();
  return grant != nullptr ? grant->id.task.job : job_id{};
}

TEST_F(Order, IsThatOfSubmissionAmongEquals) {
  const job_id a = submit(single());
  const job_id b = submit(single());
  join(1, 1, machine(1));
  EXPECT_EQ(granted_job(*this), a);
  end(1, {{a, 0}, 1});
  EXPECT_EQ(granted_job(*this), b);
}

TEST_F(Order, WaitingForOneAgingIsWorthOnePriority) {
  const job_id old = submit(single());
  now_ += 61s;
  job j = single();
  j.priority = 1;
  const job_id urgent = submit(j);
  join(1, 1, machine(1));
  EXPECT_EQ(granted_job(*this), old);
  end(1, {{old, 0}, 1});
  EXPECT_EQ(granted_job(*this), urgent);
}

TEST_F(Order, HigherPriorityGoesFirstHoweverMuchItHolds) {
  job j = array(6);
  j.priority = 1;
  const job_id urgent = submit(j);
  submit(array(6));
  join(1, 1, machine(6));
  EXPECT_EQ(scheduler_.job_of(urgent)->held, 6U);
}

TEST_F(Order, EqualJobsConvergeToEqualShares) {
  const job_id a = submit(array(1000));
  join(1, 1, machine(8));
  EXPECT_EQ(scheduler_.job_of(a)->held, 8U);
  const job_id b = submit(array(1000));
  for (std::uint32_t i = 0; i < 4; ++i) end(1, {{a, i}, 1});
  EXPECT_EQ(scheduler_.job_of(a)->held, 4U);
  EXPECT_EQ(scheduler_.job_of(b)->held, 4U);
}

TEST_F(Order, AHeadThatDoesNotFitLetsOtherDemandsPass) {
  join(1, 1, machine(2));
  submit(single(cpus(1)));
  const job_id large = submit(single(cpus(2)));
  const job_id small = submit(single(cpus(1)));
  EXPECT_EQ(state_of({large, 0}), task_state::queued);
  EXPECT_EQ(state_of({small, 0}), task_state::granted);
}

TEST_F(Order, ALostTaskKeepsItsPlace) {
  join(1, 1, machine(1));
  const job_id a = submit(single());
  const job_id b = submit(single());
  end(1, {{a, 0}, 1}, ending::lost);
  EXPECT_EQ(granted_job(*this), a);
  EXPECT_EQ(state_of({b, 0}), task_state::queued);
}

TEST_F(Order, ANodeThatDeclinesIsLeftAloneForAMoment) {
  join(1, 1, machine(1));
  const job_id a = submit(single());
  step(event::attempt_declined{node_id{1}, {{a, 0}, 1}});
  EXPECT_EQ(state_of({a, 0}), task_state::queued);
  EXPECT_GT(scheduler_.next_wakeup(), now_);
  tick(scheduler_.next_wakeup() - now_);
  EXPECT_EQ(state_of({a, 0}), task_state::granted);
  EXPECT_EQ(scheduler_.task({a, 0})->failures, 0U);
}

TEST_F(Order, NothingToDoMeansNoWakeup) {
  EXPECT_EQ(scheduler_.next_wakeup(), never);
  submit(single());
  EXPECT_EQ(scheduler_.next_wakeup(), never);
}

TEST_F(Order, AnExpiringArrayIsDoneInBoundedSteps) {
  job j = array(2500);
  j.expires_after = 5s;
  const job_id id = submit(j);
  tick(5s);
  EXPECT_EQ(kept<record::task_finished>().size(), 1000U);
  EXPECT_LE(scheduler_.next_wakeup(), now_);
  tick(0s);
  tick(0s);
  EXPECT_EQ(scheduler_.finished(id), false);
  EXPECT_EQ(scheduler_.next_wakeup(), never);
}

TEST_F(Order, ACancelledMillionIsOneRecord) {
  join(1, 1, machine(2));
  const job_id id = submit(array(1'000'000));
  step(event::cancel_requested{client_, {id, std::nullopt}});
  EXPECT_EQ(kept<record::job_cancelled>().size(), 1U);
  EXPECT_TRUE(kept<record::task_finished>().empty());
  EXPECT_EQ(scheduler_.job_of(id)->cancelled_tasks, 999'998U);
  EXPECT_EQ(state_of({id, 999'999}), task_state::cancelled);
}

TEST_F(Order, AFailureBreaksAStreakOfCrashes) {
  join(1, 1, machine(1));
  job j = single();
  j.retry = {5, {1s, 1s}, 2};
  const job_id id = submit(j);
  const auto next_try = [&](attempt_number n, ending how) {
    end(1, {{id, 0}, n}, how);
    step(event::node_heartbeat{node_id{1}, session_id{1}, now_});
    tick(1s);
  };
  next_try(1, ending::crashed);
  next_try(2, ending::failed);
  next_try(3, ending::crashed);
  EXPECT_EQ(state_of({id, 0}), task_state::granted);
  next_try(4, ending::crashed);
  EXPECT_EQ(scheduler_.finished(id), false);
  EXPECT_EQ(scheduler_.count().finished, 1U);
}

struct placement {
  placement_policy policy;
  std::uint64_t expected;
};
class Placement : public testing::TestWithParam<placement> {};

TEST_P(Placement, PrefersItsKindOfNode) {
  settings how;
  how.placement = GetParam().policy;
  engine scheduler(how);
  const instant now{1000s};
  const auto add = [&](std::uint64_t node, std::int64_t cpus, std::int64_t taken) {
    scheduler.step(
        event::node_joined{
            node_id{node}, session_id{node}, incarnation_id{1}, "b", "n", machine(cpus), {}, now},
        now);
    if (taken == 0) return;
    const auto j =
        std::make_shared<const job>(engine_fixture::single(fabric::scheduler::cpus(taken)));
    scheduler.step(event::job_submitted{{}, j}, now);
  };
  add(1, 16, 12);  // the fullest: 4 of 16 are free
  add(2, 30, 0);   // wholly free, with much room
  add(3, 3, 0);    // wholly free, without slack for 3
  job j = engine_fixture::single(cpus(3));
  std::uint64_t chosen = 0;
  for (const auto& c :
       scheduler.step(event::job_submitted{{}, std::make_shared<const job>(j)}, now))
    if (const auto* g = std::get_if<command::grant>(&c)) chosen = g->node.value;
  EXPECT_EQ(chosen, GetParam().expected) << name_of(GetParam().policy);
  EXPECT_EQ(policy_named(name_of(GetParam().policy)), GetParam().policy);
}

INSTANTIATE_TEST_SUITE_P(Policies, Placement,
                         testing::Values(placement{placement_policy::pack, 1},
                                         placement{placement_policy::spread, 2},
                                         placement{placement_policy::tightest, 3}),
                         [](const auto& info) { return std::string(name_of(info.param.policy)); });

TEST(ContentHash, IsTheSameOnEveryMachineAndIgnoresWhoSubmits) {
  job a = engine_fixture::single();
  job b = a;
  b.submitter = "somebody";
  EXPECT_EQ(content_hash(a), content_hash(b));
  b.retry.retries_max = 1;
  EXPECT_NE(content_hash(a), content_hash(b));
  job moved = a;
  moved.name = "wo";
  moved.payload = "rk";
  EXPECT_NE(content_hash(a), content_hash(moved));
  EXPECT_EQ(content_hash(job{}), 7515081757958781193ULL);
}

}  // namespace
}  // namespace fabric::scheduler
