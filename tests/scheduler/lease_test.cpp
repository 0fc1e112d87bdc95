#include "tests/scheduler/engine_fixture.hpp"
#include "tests/scheduler/memory_store.hpp"

namespace fabric::scheduler {
namespace {

/// Lease 60 s, margin 3 s.
class Lease : public engine_fixture {
 public:
  Lease() {
    join(1, 1, machine(1));
    id_ = submit(single());
    start(1, attempt(1));
  }
  [[nodiscard]] attempt_id attempt(attempt_number n) const { return {{id_, 0}, n}; }

  job_id id_;
};

TEST_F(Lease, IsOverOnlyAfterItsMargin) {
  tick(63s - 1us);
  EXPECT_EQ(state_of({id_, 0}), task_state::running);
  EXPECT_EQ(scheduler_.next_wakeup(), now_ + 1us);
  tick(1us);
  EXPECT_EQ(state_of({id_, 0}), task_state::queued);
  EXPECT_EQ(node_state(1), "lost");
  EXPECT_EQ(scheduler_.count().lost_attempts, 1U);
}

TEST_F(Lease, IsExtendedByHeartbeatsOnly) {
  tick(50s);
  step(event::node_heartbeat{node_id{1}, session_id{1}, now_});
  tick(50s);
  EXPECT_EQ(state_of({id_, 0}), task_state::running);
  step(event::attempt_started{node_id{1}, attempt(1)});
  tick(13s);
  EXPECT_EQ(state_of({id_, 0}), task_state::queued);
}

TEST_F(Lease, IsNotExtendedByAnotherSession) {
  tick(50s);
  step(event::node_heartbeat{node_id{1}, session_id{7}, now_});
  EXPECT_EQ(first<command::renew>(), nullptr);
  tick(13s);
  EXPECT_EQ(state_of({id_, 0}), task_state::queued);
}

TEST_F(Lease, OutlivesItsSession) {
  step(event::session_lost{node_id{1}, session_id{1}});
  EXPECT_EQ(node_state(1), "disconnected");
  EXPECT_EQ(state_of({id_, 0}), task_state::running);
  tick(62s);
  EXPECT_EQ(state_of({id_, 0}), task_state::running);
}

TEST_F(Lease, OfARebootedNodeIsOverAtOnce) {
  step(event::session_lost{node_id{1}, session_id{1}});
  join(1, 2, machine(1), {}, 1, "another boot");
  EXPECT_EQ(state_of({id_, 0}), task_state::granted);
  EXPECT_EQ(scheduler_.task({id_, 0})->attempt, 2U);
}

TEST_F(Lease, IsNotEndedByAHelloThatALaterOneOvertook) {
  const auto hello = [&](std::uint64_t session, std::uint64_t incarnation, const char* boot,
                         duration worker_time) {
    step(event::node_joined{node_id{1},
                            session_id{session},
                            incarnation_id{incarnation},
                            boot,
                            "n1",
                            machine(1),
                            {},
                            instant{worker_time}});
  };
  hello(2, 1, "later boot", 50s);
  step(event::attempt_started{node_id{1}, attempt(2)});
  step(event::session_lost{node_id{1}, session_id{2}});
  for (const auto& [boot, time] : {std::pair{"later boot", 40s}, std::pair{"boot", 99999s}}) {
    hello(3, 7, boot, time);
    EXPECT_NE(first<command::refuse_node>(), nullptr) << boot;
    EXPECT_EQ(state_of({id_, 0}), task_state::running) << boot;
  }
  tick(63s);
  hello(4, 7, "later boot", 40s);
  EXPECT_EQ(first<command::refuse_node>(), nullptr) << "nothing of it can run any more";
}

TEST_F(Lease, OfANodeThatOnlyReconnectsIsNeverCutShort) {
  step(event::session_lost{node_id{1}, session_id{1}});
  join(1, 2, machine(1));  // does not list it: perhaps it was said before the grant came
  EXPECT_EQ(first<command::welcome>()->keep, std::vector{attempt(1)});
  EXPECT_EQ(state_of({id_, 0}), task_state::running);
  step(event::attempt_declined{node_id{1}, attempt(1)});
  EXPECT_EQ(state_of({id_, 0}), task_state::queued);
}

TEST_F(Lease, RenewalEchoesTheNewestTimeOfTheNode) {
  step(event::node_heartbeat{node_id{1}, session_id{1}, now_ + 5s});
  step(event::node_heartbeat{node_id{1}, session_id{1}, now_ + 4s});
  EXPECT_EQ(first<command::renew>()->worker_time, now_ + 5s);
}

TEST_F(Lease, OfASilentNodePassesToANewDaemon) {
  join(1, 2, machine(1), {}, 2);
  EXPECT_NE(first<command::refuse_node>(), nullptr);
  tick(4s);
  join(1, 3, machine(1), {}, 2);
  ASSERT_NE(first<command::welcome>(), nullptr);
  EXPECT_EQ(scheduler_.task({id_, 0})->attempt, 2U);
}

TEST_F(Lease, EndsWithTheOperatorsWordOnlyForANodeThatIsNotAlive) {
  step(event::forget_requested{client_, node_id{1}});
  ASSERT_NE(first<command::request_refused>(), nullptr);
  step(event::session_lost{node_id{1}, session_id{1}});
  step(event::forget_requested{client_, node_id{1}});
  EXPECT_EQ(state_of({id_, 0}), task_state::queued);
  EXPECT_EQ(node_state(1), "unknown");
  EXPECT_EQ(kept<record::node_forgotten>().size(), 1U);
}

TEST_F(Lease, OfACancelledTaskEndsItForGood) {
  step(event::cancel_requested{client_, {id_, std::nullopt}});
  tick(63s);
  EXPECT_EQ(scheduler_.finished(id_), false);
  end(1, attempt(1));
  EXPECT_TRUE(first<command::acknowledge_report>()->stale);
}

TEST_F(Lease, ReportOfAnotherNodeIsNotRecorded) {
  end(2, attempt(1));
  EXPECT_EQ(state_of({id_, 0}), task_state::running);
  EXPECT_EQ(scheduler_.count().stale_results, 1U);
}

TEST_F(Lease, ReportThatIsSentAgainIsNotStale) {
  end(1, attempt(1));
  end(1, attempt(1));
  EXPECT_FALSE(first<command::acknowledge_report>()->stale);
  EXPECT_TRUE(kept<record::task_finished>().empty());
  EXPECT_EQ(scheduler_.count().stale_results, 0U);
}

TEST_F(Lease, StartOfAnAttemptThatNobodyWaitsForIsRevoked) {
  end(1, attempt(1), ending::preempted);
  start(1, attempt(1));
  ASSERT_NE(first<command::revoke>(), nullptr);
  EXPECT_EQ(first<command::revoke>()->id, attempt(1));
}

TEST_F(Lease, CapacityThatMakesNoSenseIsRefused) {
  auto has = machine(4);
  has.gpu_ids.emplace_back("0");
  join(2, 5, has);
  ASSERT_NE(first<command::refuse_node>(), nullptr);
  EXPECT_EQ(first<command::refuse_node>()->why.code, fault_code::bad_message);
  EXPECT_EQ(node_state(2), "unknown");
}

class Restart : public engine_fixture {
 public:
  void restart() {
    memory_store store;
    for (const auto& c : all_)
      if (const auto* p = std::get_if<command::persist>(&c)) store.apply(p->what);
    scheduler_ = engine::restore(settings{}, store.live(), now_);
  }
};

TEST_F(Restart, WaitsAWholeLeaseForWhatWasHeld) {
  join(1, 1, machine(1));
  const job_id id = submit(single());
  now_ += 50s;
  restart();
  EXPECT_EQ(node_state(1), "recovering");
  tick(62s);
  EXPECT_EQ(state_of({id, 0}), task_state::granted);
  tick(1s);
  EXPECT_EQ(state_of({id, 0}), task_state::queued);
  EXPECT_EQ(node_state(1), "lost");
}

TEST_F(Restart, KeepsAttemptNumbersRetriesAndBlockedJobs) {
  join(1, 1, machine(2));
  job j = single();
  j.retry.retries_max = 1;
  const job_id id = submit(j);
  job then = single();
  then.after = {id};
  const job_id later = submit(then);
  end(1, {{id, 0}, 1}, ending::failed);
  restart();
  EXPECT_EQ(state_of({later, 0}), task_state::blocked);
  join(1, session_id{1ULL << 32}.value, machine(2));
  end(1, {{id, 0}, 2}, ending::failed);
  EXPECT_EQ(scheduler_.finished(id), false);
  EXPECT_EQ(scheduler_.finished(later), false);
}

TEST_F(Restart, RemembersKeysAndNumbersOfEndedJobs) {
  join(1, 1, machine(1));
  job j = single();
  j.key = "once";
  const job_id id = submit(j);
  end(1, {{id, 0}, 1});
  restart();
  EXPECT_EQ(scheduler_.finished(id), true);
  EXPECT_EQ(submit(j), id);
  EXPECT_EQ(submit(single()), job_id{id.value + 1});
  end(1, {{id, 0}, 1});
  EXPECT_EQ(scheduler_.count().stale_results, 0U);
}

TEST_F(Restart, DrainingNodeStaysSoUntilItsDaemonIsNew) {
  join(1, 1, machine(1));
  step(event::drain_requested{client_, node_id{1}, 10s});
  restart();
  join(1, 2, machine(1));
  EXPECT_EQ(node_state(1), "drained");
  step(event::session_lost{node_id{1}, session_id{2}});
  join(1, 3, machine(1), {}, 2);
  EXPECT_EQ(node_state(1), "active");
}

}  // namespace
}  // namespace fabric::scheduler
