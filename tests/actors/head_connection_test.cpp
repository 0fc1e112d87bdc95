#include "actors/head_connection.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>

#include "transport/handshake.hpp"

/// A program's calls, over sessions that end, against a head that says what the test wants.
namespace fabric::actors {
namespace {

using namespace std::chrono_literals;
using transport::link_event_type;

constexpr duration plenty = std::chrono::seconds{20};

class HeadConnection : public ::testing::Test {
 protected:
  enum class conduct {
    is_busy_once,
    welcomes,
    is_busy,
    refuses_for_good,
    goes_at_the_first_ask,
    goes_for_good_at_the_first_ask
  };

  void SetUp() override {
    auto process = runtime::start(1);
    ASSERT_TRUE(process);
    process_ = std::move(*process);
    process_->router().set_gateway([this](std::vector<link_event_type> news) {
      for (const auto& event : news)
        if (const auto* arrived = std::get_if<transport::link_event::arrived>(&event))
          for (const auto& message : arrived->messages)
            answer(arrived->connection, std::get<transport::envelope>(message).body);
    });
    ASSERT_TRUE(process_->loop().listen({"inproc://head-of-a-client"}));
  }

  head_address where() const {
    return {.endpoint = "inproc://head-of-a-client", .keys = transport::make_key_pair()};
  }

  /// Runs on the loop's thread.
  void answer(transport::connection_id from, const transport::message& what) {
    auto& loop = process_->loop();
    if (std::holds_alternative<transport::hello>(what)) {
      if (how == conduct::is_busy_once) {
        how = conduct::welcomes;
        say(from, transport::refused{.why = {fault_code::busy, "", ""}, .retry_after = 1ms});
      } else if (how == conduct::is_busy)
        say(from, transport::refused{.why = {fault_code::busy, "", ""}, .retry_after = 1ms});
      else if (how == conduct::refuses_for_good)
        say(from, transport::refused{.why = {fault_code::version, "", ""}});
      else
        say(from, transport::welcome{.version = transport::this_build().speaks.highest,
                                     .session = session_id{++sessions},
                                     .lease = 60s,
                                     .heartbeat = 2s,
                                     .credits = 2});
    } else if (const auto* asked = std::get_if<transport::ask>(&what)) {
      if (how == conduct::goes_at_the_first_ask) {
        how = conduct::welcomes;
        loop.close(from);
      } else if (how == conduct::goes_for_good_at_the_first_ask) {
        how = conduct::refuses_for_good;
        loop.close(from);
      } else {
        say(from, transport::answer{asked->request, asked->topic});
      }
    }
  }
  void say(transport::connection_id to, const transport::message& what) {
    ASSERT_TRUE(process_->loop().send(to, {.session = session_id{sessions}}, what));
  }

  std::atomic<conduct> how = conduct::welcomes;
  std::atomic<std::uint64_t> sessions = 0;
  std::unique_ptr<runtime> process_;
};

TEST_F(HeadConnection, RepeatsWhatASessionLeftUnanswered) {
  how = conduct::goes_at_the_first_ask;
  head_connection head(*process_, where());
  std::vector<std::future<result<transport::message>>> answers;
  for (const auto* topic : {"a", "b", "c", "d"}) {
    auto done = std::make_shared<std::promise<result<transport::message>>>();
    answers.push_back(done->get_future());
    head.call(
        transport::ask{{}, topic, ""}, [done](auto what) { done->set_value(std::move(what)); },
        plenty);
  }
  const std::vector<std::string> topics{"a", "b", "c", "d"};
  for (std::size_t i = 0; i < topics.size(); ++i) {
    auto got = answers[i].get();
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(std::get<transport::answer>(*got).body, topics[i]);
  }
  EXPECT_EQ(sessions, 2U);
}

TEST_F(HeadConnection, FailsTheFirstCallWhereNoHeadIsFoundAndTriesAnewForTheNext) {
  how = conduct::is_busy;
  head_connection head(*process_, where());
  const auto first = head.ask("a", "", plenty);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, fault_code::busy);
  how = conduct::welcomes;
  const auto second = head.ask("b", "", plenty);
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(*second, "b");
}

TEST_F(HeadConnection, IsPatientWithAHeadThatIsVouchedFor) {
  how = conduct::is_busy_once;
  auto to = where();
  to.is_vouched_for = true;
  head_connection head(*process_, to);
  const auto first = head.ask("a", "", plenty);
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(*first, "a");
}

TEST_F(HeadConnection, AnswersCallsAfterItsHeadRefusedItForGood) {
  how = conduct::refuses_for_good;
  head_connection head(*process_, where());
  for (int i = 0; i < 3; ++i) {
    const auto got = head.ask("a", "", plenty);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, fault_code::version);
  }
}

TEST_F(HeadConnection, AnswersCallsAfterALaterSessionWasRefusedForGood) {
  head_connection head(*process_, where());
  ASSERT_TRUE(head.ask("a", "", plenty));
  how = conduct::goes_for_good_at_the_first_ask;
  for (int i = 0; i < 3; ++i) {
    const auto got = head.ask("b", "", plenty);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, fault_code::version);
  }
}

}  // namespace
}  // namespace fabric::actors
