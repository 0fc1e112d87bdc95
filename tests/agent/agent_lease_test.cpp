#include "tests/agent/agent_fixture.hpp"

namespace fabric::scheduler {
namespace {

using namespace agent_command;

class AgentLease : public AgentTest {};

TEST_F(AgentLease, StartsNothingBeforeTheFirstWelcome) {
  EXPECT_TRUE(give(attempt(1), 0s, 1s).empty());
  EXPECT_EQ(node_.running(), 0u);
  EXPECT_EQ(node_.next_wakeup(), never);
}

TEST_F(AgentLease, TellsTheSpawnerTheFenceBeforeItStartsAProcess) {
  join(0s, 1s);
  const auto out = give(attempt(1), 2s, 2s);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(std::get<set_fence>(out[0]).at, at(12s));
  EXPECT_EQ(std::get<start_process>(out[1]).id, attempt(1));
}

TEST_F(AgentLease, CountsTheFenceFromItsOwnEchoedTimeAndNotFromReceipt) {
  join(0s, 1s);
  renew(4s, 9s);
  EXPECT_EQ(node_.fence(), at(14s));
}

TEST_F(AgentLease, NeverMovesTheFenceBack) {
  join(0s, 1s);
  renew(6s, 7s);
  EXPECT_EQ(count<set_fence>(renew(2s, 8s)), 0u);
  give(attempt(1), 3s, 8s);
  EXPECT_EQ(node_.fence(), at(16s));
}

TEST_F(AgentLease, IgnoresAnEchoOfATimeThatIsStillToCome) {
  join(0s, 1s);
  renew(100s, 2s);
  EXPECT_EQ(node_.fence(), at(10s));
  EXPECT_EQ(count<send_declined>(give(attempt(1), 50s, 3s)), 1u);
  step(agent_event::renewed{at(2s), duration::max()}, 3s);
  step(agent_event::renewed{at(2s), -1s}, 3s);
  EXPECT_EQ(node_.fence(), at(10s));
}

TEST_F(AgentLease, KillsEverythingAtTheFenceAndReportsItLost) {
  join(0s, 1s);
  give(attempt(1), 1s, 2s);
  give(attempt(2), 1s, 2s);
  lose_session(3s);
  EXPECT_EQ(node_.next_wakeup(), at(11s));
  EXPECT_EQ(count<kill_process>(tick(10s)), 0u);
  const auto kills = all<kill_process>(tick(11s));
  ASSERT_EQ(kills.size(), 2u);
  EXPECT_EQ(kills[0].grace, 0s);
  EXPECT_EQ(count<kill_process>(tick(12s)), 0u);
  EXPECT_EQ(node_.next_wakeup(), never);
  end(attempt(1), ending::crashed, 12s);
  const auto reports = all<send_report>(join(13s, 14s));
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].how, ending::lost);
}

TEST_F(AgentLease, DeclinesAGrantWhoseOwnLeaseHasPassed) {
  join(0s, 1s);
  renew(15s, 16s);
  const auto out = give(attempt(1), 5s, 16s);
  const auto declined = all<send_declined>(out);
  ASSERT_EQ(declined.size(), 1u);
  EXPECT_TRUE(declined[0].late);
  EXPECT_EQ(node_.running(), 0u);
}

TEST_F(AgentLease, DoesNotStartADeclinedAttemptLaterInTheSession) {
  join(0s, 1s);
  renew(15s, 16s);
  give(attempt(1), 5s, 16s);
  renew(99s, 100s);
  const auto out = give(attempt(1), 99s, 100s);
  EXPECT_EQ(count<start_process>(out), 0u);
  EXPECT_EQ(count<send_declined>(out), 1u);
  EXPECT_EQ(count<start_process>(give(attempt(1, 2), 99s, 100s)), 1u);
}

TEST_F(AgentLease, AnswersARepeatedGrantWithoutASecondStart) {
  join(0s, 1s);
  give(attempt(1), 1s, 2s);
  EXPECT_TRUE(give(attempt(1), 1s, 2s).empty());
  EXPECT_EQ(count<send_started>(begin(attempt(1), 2s)), 1u);
  EXPECT_EQ(count<send_started>(begin(attempt(1), 2s)), 0u);
  EXPECT_EQ(count<send_started>(give(attempt(1), 1s, 2s)), 1u);
  end(attempt(1), ending::succeeded, 2s);
  EXPECT_EQ(count<send_report>(give(attempt(1), 1s, 2s)), 1u);
  EXPECT_EQ(node_.running(), 0u);
}

TEST_F(AgentLease, DoesNotStartAnAttemptAgainWhoseEndWasAcknowledged) {
  join(0s, 1s);
  give(attempt(1), 1s, 2s);
  end(attempt(1), ending::succeeded, 3s);
  acknowledge(attempt(1), 3s);
  renew(3s, 3s);
  const auto out = give(attempt(1), 3s, 12s);
  EXPECT_EQ(count<start_process>(out), 0u);
  EXPECT_EQ(count<send_declined>(out), 0u) << "the head knows how it ended";
  EXPECT_EQ(count<start_process>(give(attempt(1), 3s, 13s)), 0u) << "its own lease is over by now";
}

TEST_F(AgentLease, DeclinesAnOlderAttemptOfATaskThatRunsHere) {
  join(0s, 1s);
  give(attempt(1, 2), 1s, 2s);
  EXPECT_EQ(count<send_declined>(give(attempt(1, 1), 1s, 2s)), 1u);
  EXPECT_EQ(node_.running(), 1u);
}

TEST_F(AgentLease, DeclinesANewerAttemptWhileTheOlderOneStillRuns) {
  join(0s, 1s);
  give(attempt(1, 1), 1s, 2s);
  EXPECT_EQ(count<send_declined>(give(attempt(1, 2), 1s, 2s)), 1u);
  EXPECT_EQ(node_.running(), 1u);
}

TEST_F(AgentLease, StartsANewerAttemptWhileTheOlderOnesReportIsOnItsWay) {
  join(0s, 1s);
  give(attempt(1, 1), 1s, 2s);
  end(attempt(1, 1), ending::failed, 2s);
  EXPECT_EQ(count<start_process>(give(attempt(1, 2), 1s, 2s)), 1u);
}

TEST_F(AgentLease, KillsWhatTheHeadDoesNotKeep) {
  join(0s, 1s);
  for (const std::uint64_t job : {1, 2, 3}) give(attempt(job), 1s, 2s);
  lose_session(3s);
  const auto kills = all<kill_process>(join(4s, 5s, {attempt(1)}, {attempt(2)}));
  ASSERT_EQ(kills.size(), 2u);
  EXPECT_EQ(kills[0].id, attempt(2));
  EXPECT_EQ(kills[1].id, attempt(3));
}

TEST_F(AgentLease, DoesNotJudgeLaterGrantsByARepeatedWelcome) {
  join(0s, 1s);
  give(attempt(1), 1s, 2s);
  EXPECT_EQ(count<kill_process>(join(0s, 3s)), 0u);
}

TEST_F(AgentLease, DeclinesWhatTheHeadKeepsAndItDoesNotHold) {
  const auto declined = all<send_declined>(join(0s, 1s, {attempt(9)}));
  ASSERT_EQ(declined.size(), 1u);
  EXPECT_EQ(declined[0].id, attempt(9));
  EXPECT_EQ(count<start_process>(give(attempt(9), 1s, 2s)), 0u);
}

TEST_F(AgentLease, BuriesAnAttemptThatIsRevokedBeforeItsGrantArrives) {
  join(0s, 1s);
  EXPECT_EQ(count<send_declined>(revoke(attempt(1), 2s)), 1u);
  const auto out = give(attempt(1), 1s, 3s);
  EXPECT_EQ(count<start_process>(out), 0u);
  EXPECT_EQ(count<send_declined>(out), 1u);
}

TEST_F(AgentLease, HeartbeatsFiveTimesALeaseAndOnlyInASession) {
  EXPECT_EQ(count<send_heartbeat>(join(0s, 1s)), 1u);
  EXPECT_EQ(node_.next_wakeup(), at(3s));
  const auto beats = all<send_heartbeat>(tick(3s));
  ASSERT_EQ(beats.size(), 1u);
  EXPECT_EQ(beats[0].worker_time, at(3s));
  lose_session(4s);
  EXPECT_EQ(count<send_heartbeat>(tick(9s)), 0u);
}

}  // namespace
}  // namespace fabric::scheduler
