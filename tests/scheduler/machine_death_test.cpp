#include "tests/scheduler/engine_fixture.hpp"

/// Tasks whose machine went down under them: one that brings machines down ends poisoned, its
/// neighbours do not (promise P11 in docs/promises.md).
namespace fabric::scheduler {
namespace {

class MachineDeath : public engine_fixture {
 protected:
  /// The machine comes back with another boot and nothing running.
  void restart(std::int64_t cpus = 1) {
    ++session_;
    join(1, session_, machine(cpus), {}, 1, "boot " + std::to_string(session_));
  }
  void kill_daemon() {
    step(event::session_lost{node_id{1}, session_id{session_}});
    ++session_;
    join(1, session_, machine(1), {}, session_, "boot 1");
  }
  void begin(job_id id) {
    const auto view = scheduler_.task({id, 0});
    ASSERT_TRUE(view && view->state == task_state::granted) << "not granted";
    start(1, {{id, 0}, view->attempt});
  }

  std::uint64_t session_ = 0;
};

TEST_F(MachineDeath, TheThirdInARowPoisonsTheTask) {
  restart();
  const job_id id = submit(single());
  for (int i = 0; i < 2; ++i) {
    begin(id);
    restart();
    EXPECT_EQ(state_of({id, 0}), task_state::granted);
  }
  begin(id);
  restart();
  EXPECT_EQ(scheduler_.finished(id), false);
  ASSERT_EQ(kept<record::task_finished>().size(), 1U);
  EXPECT_EQ(kept<record::task_finished>()[0].state, task_state::poisoned);
}

TEST_F(MachineDeath, ADaemonThatDiesAloneIsNobodysFault) {
  restart();
  const job_id id = submit(single());
  kill_daemon();
  for (int i = 0; i < 10; ++i) {
    begin(id);
    kill_daemon();
  }
  EXPECT_EQ(state_of({id, 0}), task_state::granted);
}

TEST_F(MachineDeath, ATaskThatHadNotStartedIsNotSuspected) {
  restart();
  const job_id id = submit(single());
  for (int i = 0; i < 10; ++i) restart();
  EXPECT_EQ(state_of({id, 0}), task_state::granted);
}

TEST_F(MachineDeath, NeighboursOfATaskThatBringsMachinesDownGoFree) {
  restart(2);
  const job_id killer = submit(single());
  std::vector<job_id> neighbours;
  while (true) {
    neighbours.push_back(submit(single()));
    begin(killer);
    begin(neighbours.back());
    restart(2);
    if (scheduler_.finished(killer)) break;
    const auto again = scheduler_.task({neighbours.back(), 0});
    ASSERT_TRUE(again);
    end(1, {{neighbours.back(), 0}, again->attempt});
    ASSERT_LT(neighbours.size(), 10U) << "the killer goes on for ever";
  }
  EXPECT_EQ(neighbours.size(), 3U);
  EXPECT_EQ(scheduler_.finished(killer), false);
  begin(neighbours.back());
  end(1, {{neighbours.back(), 0}, scheduler_.task({neighbours.back(), 0})->attempt});
  for (job_id other : neighbours) EXPECT_EQ(scheduler_.finished(other), true);
}

TEST_F(MachineDeath, TwoAreForgivenToATaskThatItsFirstSignalPoisons) {
  restart();
  job fragile = single();
  fragile.retry.poison_after = 1;
  const job_id id = submit(fragile);
  for (int i = 0; i < 2; ++i) {
    begin(id);
    restart();
  }
  EXPECT_EQ(state_of({id, 0}), task_state::granted);
}

}  // namespace
}  // namespace fabric::scheduler
