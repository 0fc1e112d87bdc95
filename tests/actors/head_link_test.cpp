#include "actors/head_link.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "transport/handshake.hpp"

/// A dialler's side of a session, against what a head says.
namespace fabric::actors {
namespace {

using namespace std::chrono_literals;
using transport::link_event_type;

class HeadLink : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loop = transport::poll_loop::start({}, router_.sink());
    ASSERT_TRUE(loop);
    loop_ = std::move(*loop);
    ASSERT_TRUE(loop_->listen({"inproc://head-of-a-link"}));
  }
  void TearDown() override { loop_->stop(); }

  /// What the loop told of the link that is dialled.
  std::vector<link_event_type> told() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !news_.empty(); });
    return std::exchange(news_, {});
  }

  head_link a_link(bool is_vouched_for = false, std::string server_public_key = {}) {
    return {*loop_,
            router_,
            {.endpoint = "inproc://head-of-a-link",
             .server_public_key = std::move(server_public_key),
             .keys = transport::make_key_pair(),
             .is_vouched_for = is_vouched_for},
            [this](std::vector<link_event_type> news) {
              const std::lock_guard lock(mutex_);
              std::move(news.begin(), news.end(), std::back_inserter(news_));
              changed_.notify_all();
            },
            [] { return transport::hello{}; },
            1};
  }

  /// Dials, and tells the link that the head said `what`.
  std::vector<link_outcome_type> hears(head_link& link, transport::received what) {
    std::vector<link_event_type> events{transport::link_event::arrived{connection_, {}, {what}}};
    return link.take(events, t0);
  }
  void open(head_link& link) {
    link.dial(t0);
    auto events = told();
    connection_ = std::visit([](const auto& e) { return e.connection; }, events.front());
    EXPECT_TRUE(link.take(events, t0).empty());
    const auto build = transport::this_build();
    auto opened =
        hears(link, transport::envelope{{},
                                        transport::welcome{.version = build.speaks.highest,
                                                           .session = session_id{1},
                                                           .lease = 60s,
                                                           .heartbeat = 2s}});
    ASSERT_EQ(opened.size(), 1U);
    ASSERT_TRUE(std::holds_alternative<link_outcome::open>(opened[0]));
  }

  /// Of a head that is dialled and never says a word.
  duration time_until_given_up(head_link& link) {
    link.dial(t0);
    std::vector<link_event_type> opened{transport::link_event::opened{told_id()}};
    link.take(opened, t0);
    const instant due = link.next_wakeup();
    EXPECT_FALSE(link.tick(due - 1ms));
    const auto outcome = link.tick(due);
    EXPECT_TRUE(outcome && !std::get<link_outcome::lost>(*outcome).final);
    return due - t0;
  }
  transport::connection_id told_id() {
    return std::visit([](const auto& e) { return e.connection; }, told().front());
  }

  bool is_given_up_when_refused(head_link& link) {
    link.dial(t0);
    auto events = told();
    connection_ = std::visit([](const auto& e) { return e.connection; }, events.front());
    link.take(events, t0);
    std::vector<link_event_type> refused{
        transport::link_event::closed{connection_, {fault_code::auth_failed, "refused", ""}}};
    auto outcome = link.take(refused, t0);
    return outcome.size() == 1 && std::get<link_outcome::lost>(outcome[0]).final;
  }

  const instant t0{100s};
  link_router router_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<link_event_type> news_;
  transport::connection_id connection_;
  std::unique_ptr<transport::poll_loop> loop_;
};

TEST_F(HeadLink, WhoMayBeNoHeadMustAnswerSoon) {
  auto link = a_link();
  EXPECT_LT(time_until_given_up(link), 2s);
}

TEST_F(HeadLink, AHeadThatHasProvenItselfMayBeBusy) {
  auto link = a_link(false, transport::make_key_pair().public_key);
  EXPECT_GE(time_until_given_up(link), 10s);
}

TEST_F(HeadLink, AnUnknownMessageIsPassedOver) {
  auto link = a_link();
  open(link);
  EXPECT_TRUE(hears(link, transport::unknown_message{{.type = 999}}).empty());
  EXPECT_TRUE(link.is_open());
}

TEST_F(HeadLink, AnUnknownMessageThatMustBeUnderstoodEndsTheSession) {
  auto link = a_link();
  open(link);
  auto outcome = hears(link, transport::unknown_message{{.type = 999, .must_understand = true}});
  ASSERT_EQ(outcome.size(), 1U);
  const auto& lost = std::get<link_outcome::lost>(outcome[0]);
  EXPECT_EQ(lost.why.code, fault_code::unsupported);
  EXPECT_NE(lost.why.detail.find("999"), std::string::npos) << lost.why.detail;
  EXPECT_FALSE(link.is_open());
}

TEST_F(HeadLink, ARefusalSaysWhenToComeBack) {
  auto link = a_link();
  open(link);
  auto outcome = hears(
      link, transport::envelope{
                {}, transport::refused{.why = {fault_code::busy, "", ""}, .retry_after = 30s}});
  ASSERT_EQ(outcome.size(), 1U);
  EXPECT_FALSE(std::get<link_outcome::lost>(outcome[0]).final);
  EXPECT_GE(link.next_wakeup(), t0 + 30s);
}

TEST_F(HeadLink, AHeadThatDiesDuringAHandshakeIsNotGivenUpOnceItsKeyWasRight) {
  auto link = a_link();
  const auto broken_off = [&] {
    std::vector<link_event_type> events{
        transport::link_event::closed{connection_, {fault_code::auth_failed, "broken off", ""}}};
    auto outcome = link.take(events, t0);
    return outcome.size() == 1 && std::get<link_outcome::lost>(outcome[0]).final;
  };
  open(link);
  EXPECT_FALSE(broken_off());
}

TEST_F(HeadLink, AKeyThatNeverWasRightIsGivenUpAtOnce) {
  auto link = a_link();
  EXPECT_TRUE(is_given_up_when_refused(link));
}

TEST_F(HeadLink, AHeadThatIsVouchedForMayHaveYetToHearOfTheKey) {
  auto link = a_link(true);
  EXPECT_FALSE(is_given_up_when_refused(link));
}

TEST_F(HeadLink, ALinkThatIsClosedStaysSoUntilItIsDialledAgain) {
  auto link = a_link();
  open(link);
  link.close();
  auto last = told();
  EXPECT_TRUE(link.take(last, t0).empty());
  EXPECT_EQ(link.next_wakeup(), never);
  open(link);
  EXPECT_TRUE(link.is_open());
}

TEST_F(HeadLink, NoRefusalKeepsADiallerAwayForLong) {
  auto link = a_link();
  open(link);
  hears(link, transport::envelope{
                  {}, transport::refused{.why = {fault_code::busy, "", ""}, .retry_after = 24h}});
  EXPECT_LE(link.next_wakeup(), t0 + 1min);
}

}  // namespace
}  // namespace fabric::actors
