#include "actors/convert.hpp"

#include <gtest/gtest.h>

namespace fabric {
namespace {

using namespace std::chrono_literals;

constexpr node_id node{7};
constexpr session_id session{1};
constexpr attempt_id some_attempt{{job_id{3}, 2}, 4};

transport::hello a_hello() {
  transport::hello m;
  m.worker_time = instant{5s};
  m.node.emplace();
  m.node->name = "box";
  m.node->boot_id = "b";
  m.node->incarnation = incarnation_id{9};
  m.node->has.amounts = resource_set{{"cpu", units(4)}, {"gpu", units(1)}};
  m.node->has.gpu_ids = {"0"};
  m.node->holding = {{some_attempt, true}};
  return m;
}

transport::submit a_submission() {
  transport::submit m;
  m.name = "train";
  m.key = "k";
  m.payload = "bytes";
  m.needs.amounts = resource_set{{"cpu", units(1)}};
  m.retries = 2;
  m.is_array = true;
  m.first_index = 1;
  m.count = 10;
  m.after = {job_id{1}};
  return m;
}

TEST(Convert, AHelloBecomesANodeThatJoined) {
  const auto e = convert::node_joined(node, session, a_hello());
  ASSERT_TRUE(e);
  EXPECT_EQ(e->node, node);
  EXPECT_EQ(e->incarnation, incarnation_id{9});
  EXPECT_EQ(e->worker_time, instant{5s});
  ASSERT_EQ(e->holding.size(), 1u);
  EXPECT_EQ(e->holding[0], (scheduler::event::held_attempt{some_attempt, true}));
}

TEST(Convert, AHelloThatContradictsItselfIsABadMessage) {
  auto nobody = a_hello();
  nobody.node.reset();
  auto ghost_gpu = a_hello();
  ghost_gpu.node->has.gpu_ids = {"0", "1"};
  auto past = a_hello();
  past.worker_time = instant{-1s};
  for (const auto& m : {nobody, ghost_gpu, past}) {
    const auto e = convert::node_joined(node, session, m);
    ASSERT_FALSE(e);
    EXPECT_EQ(e.error().code, fault_code::bad_message);
  }
}

TEST(Convert, ASubmissionBecomesAJobAndBack) {
  const auto what = convert::job(a_submission(), "fingerprint");
  ASSERT_TRUE(what);
  EXPECT_EQ((*what)->submitter, "fingerprint");
  EXPECT_EQ((*what)->retry.retries_max, 2u);
  EXPECT_EQ(convert::submit(**what), a_submission());
}

TEST(Convert, ASubmissionOutOfRangeIsRefusedWithItsReason) {
  std::vector<transport::submit> wrong(9, a_submission());
  wrong[0].count = 0;
  wrong[1].count = scheduler::array_tasks_max + 1;
  wrong[2].first_index = 0xffff'ffff;
  wrong[3].is_array = false;
  wrong[4].priority = scheduler::priority_limit + 1;
  wrong[5].retries = scheduler::retries_max + 1;
  wrong[6].time_limit = -1s;
  wrong[7].backoff_first = 2h;
  wrong[8].poison_after = 0;
  for (const auto& m : wrong) {
    const auto what = convert::job(m, "");
    ASSERT_FALSE(what);
    EXPECT_EQ(what.error().code, fault_code::usage);
    EXPECT_NE(what.error().hint, "");
  }
}

TEST(Convert, AnEndingOutsideTheListIsABadMessage) {
  EXPECT_EQ(*convert::ending(7), scheduler::ending::unstartable);
  EXPECT_FALSE(convert::ending(8));
  EXPECT_FALSE(convert::task_state(10));
  const auto e = convert::attempt_ended(node, transport::report{some_attempt, 200, "x"});
  ASSERT_FALSE(e);
  EXPECT_EQ(e.error().code, fault_code::bad_message);
}

TEST(Convert, AReportSurvivesTheWay) {
  const auto m = convert::report({some_attempt, scheduler::ending::crashed, "body"});
  const auto e = convert::attempt_ended(node, m);
  ASSERT_TRUE(e);
  EXPECT_EQ(e->id, some_attempt);
  EXPECT_EQ(e->how, scheduler::ending::crashed);
  EXPECT_EQ(e->report, "body");
}

TEST(Convert, AGrantTravelsWholeThroughTheAgent) {
  auto what = std::make_shared<scheduler::job>();
  what->payload = std::string("a\0b", 3);
  what->study = "s";
  what->time_limit = 3s;
  scheduler::command::grant c{node,        session, some_attempt, what, {{"0", milli{500}}},
                              instant{4s}, 10s};
  const auto m = convert::grant(c);
  const auto e = convert::granted(m);
  ASSERT_TRUE(e);
  EXPECT_EQ(e->id, some_attempt);
  EXPECT_EQ(e->time_limit, 3s);
  EXPECT_EQ(e->worker_time, instant{4s});
  const auto back = convert::granted_work(e->work);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, m);
}

TEST(Convert, WorkThatIsNoGrantIsABadMessage) {
  EXPECT_FALSE(convert::granted_work("nonsense"));
  EXPECT_FALSE(convert::granted_work(""));
}

TEST(Convert, ALeaseOfAPeerIsChecked) {
  EXPECT_TRUE(convert::renewed(transport::renewed{instant{1s}, 10s}));
  EXPECT_FALSE(convert::renewed(transport::renewed{instant{1s}, 0s}));
  EXPECT_FALSE(convert::renewed(transport::renewed{instant{1s}, 25h}));
  EXPECT_FALSE(convert::renewed(transport::renewed{instant{-1s}, 10s}));
  EXPECT_FALSE(convert::welcomed(transport::welcome{}));
  EXPECT_FALSE(convert::granted(transport::grant{}));
}

TEST(Convert, ARevocationIsACancelOrAPreemption) {
  const auto byte = [](scheduler::ending e) { return static_cast<std::uint8_t>(e); };
  EXPECT_TRUE(convert::revoked({some_attempt, 1s, byte(scheduler::ending::cancelled)}));
  EXPECT_TRUE(convert::revoked({some_attempt, 1s, byte(scheduler::ending::preempted)}));
  EXPECT_FALSE(convert::revoked({some_attempt, 1s, byte(scheduler::ending::succeeded)}));
  EXPECT_FALSE(convert::revoked({some_attempt, -1s, byte(scheduler::ending::cancelled)}));
  EXPECT_FALSE(convert::revoked({some_attempt, 1s, 99}));
}

TEST(Convert, ALeavingNodeAsksToBeDrained) {
  const auto e = convert::drain_requested(node, transport::leaving{30s});
  ASSERT_TRUE(e);
  EXPECT_EQ(e->node, node);
  EXPECT_EQ(e->deadline, 30s);
  EXPECT_FALSE(convert::drain_requested(node, transport::leaving{-1s}));
  EXPECT_FALSE(convert::drain_requested(node, transport::leaving{duration::max()}));
}

TEST(Convert, AWelcomeCarriesTheTermsAndTheVerdicts) {
  const scheduler::command::welcome c{node, session, {some_attempt}, {}, instant{5s}, 10s};
  const auto m = convert::welcome({1, "0.1.0", {"f"}, "c", 3, 2s, 256}, c);
  EXPECT_EQ(m.epoch, 3u);
  EXPECT_EQ(m.session, session);
  EXPECT_EQ(m.credits, 256u);
  const auto e = convert::welcomed(m);
  ASSERT_TRUE(e);
  EXPECT_EQ(e->keep, std::vector<attempt_id>{some_attempt});
  EXPECT_EQ(e->worker_time, instant{5s});
}

TEST(Convert, AHelloSaysWhatTheAgentHolds) {
  scheduler::agent held({});
  held.adopt_spooled(some_attempt, scheduler::ending::succeeded, "r");
  const auto m = convert::hello(a_hello(), held, instant{9s});
  EXPECT_EQ(m.worker_time, instant{9s});
  EXPECT_EQ(m.node->holding, (std::vector<transport::held>{{some_attempt, true}}));
}

}  // namespace
}  // namespace fabric
