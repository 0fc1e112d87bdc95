#include "tests/agent/agent_fixture.hpp"

namespace fabric::scheduler {
namespace {

using namespace agent_command;

class AgentReport : public AgentTest {
 protected:
  void run_and_end(attempt_id id, ending how, duration from, duration to) {
    join(from, from);
    give(id, from, from);
    begin(id, from);
    end(id, how, to);
  }
};

TEST_F(AgentReport, IsSentAgainWithGrowingWaitsUntilAcknowledged) {
  run_and_end(attempt(1), ending::succeeded, 1s, 2s);
  instant previous = at(2s);
  duration wait{0};
  int sends = 0;
  for (int i = 0; i < 8; ++i) {
    instant next = node_.next_wakeup();
    while (count<send_report>(node_.step(agent_event::ticked{}, next)) == 0)
      next = node_.next_wakeup();
    EXPECT_GE(next - previous, wait / 4);
    wait = next - previous;
    previous = next;
    ++sends;
  }
  EXPECT_EQ(sends, 8);
  EXPECT_GE(wait, 2500ms);
  EXPECT_LE(wait, 5s);
  const instant later = previous + 1s;
  node_.step(agent_event::report_acknowledged{attempt(1)}, later);
  EXPECT_EQ(node_.unacknowledged(), 0u);
  EXPECT_EQ(count<send_report>(node_.step(agent_event::ticked{}, later + 60s)), 0u);
}

TEST_F(AgentReport, WaitsForASessionAndIsSentAtOnceInIt) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  lose_session(2s);
  EXPECT_EQ(count<send_report>(end(attempt(1), ending::failed, 3s)), 0u);
  EXPECT_EQ(count<send_report>(tick(8s)), 0u);
  ASSERT_EQ(node_.holding().size(), 1u);
  EXPECT_EQ(node_.holding()[0], (event::held_attempt{attempt(1), true}));
  const auto sent = all<send_report>(join(8s, 9s));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].how, ending::failed);
  EXPECT_EQ(sent[0].report, "report");
}

TEST_F(AgentReport, IsSentOnlyOnceByARepeatedWelcome) {
  run_and_end(attempt(1), ending::succeeded, 1s, 2s);
  EXPECT_EQ(count<send_report>(join(1s, 2s)), 0u);
}

TEST_F(AgentReport, IsSpooledBeforeItIsSentWhereTheAttemptWasLong) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  const auto out = end(attempt(1), ending::succeeded, 2s);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(std::get<spool_report>(out[0]).id, attempt(1));
  EXPECT_EQ(std::get<send_report>(out[1]).id, attempt(1));
  EXPECT_EQ(count<drop_spooled>(acknowledge(attempt(1), 3s)), 1u);
  EXPECT_TRUE(acknowledge(attempt(1), 3s).empty());
}

TEST_F(AgentReport, OfAShortAttemptIsNotSpooled) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  EXPECT_EQ(count<spool_report>(end(attempt(1), ending::succeeded, 1500ms)), 0u);
  EXPECT_EQ(count<drop_spooled>(acknowledge(attempt(1), 2s)), 0u);
}

TEST_F(AgentReport, FoundInTheSpoolIsHeldAndSent) {
  node_.adopt_spooled(attempt(7), ending::succeeded, "old");
  ASSERT_EQ(node_.holding().size(), 1u);
  EXPECT_TRUE(node_.holding()[0].ended);
  const auto sent = all<send_report>(join(0s, 1s, {}, {attempt(7)}));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].report, "old");
  EXPECT_EQ(count<drop_spooled>(acknowledge(attempt(7), 2s)), 1u);
}

TEST_F(AgentReport, OfARevokedAttemptSaysWhyItWasKilled) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  const auto kills = all<kill_process>(revoke(attempt(1), 2s, 5s, ending::preempted));
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0].grace, 5s);
  EXPECT_EQ(count<kill_process>(revoke(attempt(1), 2s, 5s, ending::preempted)), 0u);
  EXPECT_EQ(count<kill_process>(revoke(attempt(1), 2s, 1s, ending::cancelled)), 1u);
  const auto sent = all<send_report>(end(attempt(1), ending::crashed, 3s));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].how, ending::preempted);
}

TEST_F(AgentReport, IsNotMadeForWhatIsNotHeld) {
  join(0s, 1s);
  EXPECT_EQ(count<send_report>(end(attempt(1), ending::succeeded, 2s)), 0u);
  EXPECT_TRUE(begin(attempt(1), 2s).empty());
  EXPECT_TRUE(acknowledge(attempt(1), 2s).empty());
}

TEST_F(AgentReport, SurvivesAnAcknowledgementThatCameBeforeTheEnd) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  acknowledge(attempt(1), 1s);
  EXPECT_EQ(node_.running(), 1u);
  EXPECT_EQ(count<send_report>(end(attempt(1), ending::succeeded, 2s)), 1u);
}

TEST_F(AgentReport, OfTheSameEndIsMadeOnce) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  end(attempt(1), ending::succeeded, 2s);
  EXPECT_TRUE(end(attempt(1), ending::failed, 2s).empty());
}

class AgentDrain : public AgentTest {};

TEST_F(AgentDrain, DeclinesNewWorkAndLetsOldWorkFinish) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  EXPECT_EQ(count<drained>(step(agent_event::drain{30s}, 2s)), 0u);
  EXPECT_EQ(count<send_declined>(give(attempt(2), 1s, 3s)), 1u);
  end(attempt(1), ending::succeeded, 4s);
  EXPECT_EQ(count<drained>(acknowledge(attempt(1), 5s)), 1u);
  EXPECT_EQ(count<drained>(tick(6s)), 0u);
}

TEST_F(AgentDrain, HandsBackAtTheDeadline) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  step(agent_event::drain{3s}, 2s);
  renew(4s, 4s);
  EXPECT_EQ(count<kill_process>(tick(5s)), 1u);
  EXPECT_EQ(count<kill_process>(tick(6s)), 0u);
  const auto sent = all<send_report>(end(attempt(1), ending::crashed, 6s));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].how, ending::preempted);
}

TEST_F(AgentDrain, TwiceMeansTheEarlierDeadline) {
  join(0s, 1s);
  give(attempt(1), 1s, 1s);
  step(agent_event::drain{30s}, 2s);
  EXPECT_EQ(count<kill_process>(step(agent_event::drain{0s}, 3s)), 1u);
}

TEST_F(AgentDrain, OfAnIdleNodeIsOverAtOnce) {
  EXPECT_EQ(count<drained>(step(agent_event::drain{30s}, 2s)), 1u);
}

}  // namespace
}  // namespace fabric::scheduler
