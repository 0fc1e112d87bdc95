#include "actors/program/program_link.hpp"

#include <gtest/gtest.h>

#include <future>

#include "transport/handshake.hpp"

/// A program's first session, against a head that says what the test wants.
namespace fabric::actors {
namespace {

using transport::link_event_type;

/// Told once how the first session went.
class first_session final : public program_listener {
 public:
  void opened(const transport::welcome&) override { tell({}); }
  void lost(const fault& why, bool for_good) override {
    if (for_good) tell(why);
  }
  void heard(program_id, std::vector<transport::program::message>) override {}
  void gone(program_id) override {}
  void told(transport::message&) override {}
  instant turn(instant) override { return never; }

  result<void> outcome() { return told_.get_future().get(); }

 private:
  void tell(result<void> how) {
    if (!std::exchange(is_told_, true)) told_.set_value(std::move(how));
  }
  std::promise<result<void>> told_;
  bool is_told_ = false;
};

class ProgramLink : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loop = transport::poll_loop::start(
        {}, [this](std::vector<link_event_type> news) { answer(news); });
    ASSERT_TRUE(loop);
    head_ = std::move(*loop);
    auto endpoint = head_->listen({.endpoint = "tcp://127.0.0.1:*", .keys = {}, .insecure = true});
    ASSERT_TRUE(endpoint);
    where_ = *endpoint;
  }
  void TearDown() override { head_->stop(); }

  result<void> first_session_with_a_head_that_refuses(std::vector<fault> first) {
    refusals_ = std::move(first);
    first_session listener;
    auto link =
        program_link::start({.endpoint = where_, .keys = transport::make_key_pair()},
                            {.id = new_program_id(), .name = "p", .lent_key = ""}, listener);
    EXPECT_TRUE(link);
    (*link)->wake();
    auto outcome = listener.outcome();
    (*link)->close();
    return outcome;
  }

 private:
  /// Greetings are answered with the refusals, one for each, and then with a session.
  void answer(const std::vector<link_event_type>& news) {
    for (const auto& event : news)
      if (const auto* arrived = std::get_if<transport::link_event::arrived>(&event))
        for (const auto& message : arrived->messages)
          if (std::holds_alternative<transport::hello>(std::get<transport::envelope>(message).body))
            greet(arrived->connection);
  }
  void greet(transport::connection_id whom) {
    transport::message said = transport::welcome{.version = transport::this_build().speaks.highest,
                                                 .session = session_id{1},
                                                 .lease = std::chrono::seconds{60},
                                                 .heartbeat = std::chrono::seconds{2}};
    if (!refusals_.empty()) {
      said =
          transport::refused{.why = refusals_.front(), .retry_after = std::chrono::milliseconds{1}};
      refusals_.erase(refusals_.begin());
    }
    EXPECT_TRUE(head_->send(whom, {.session = session_id{1}}, said));
  }

  std::vector<fault> refusals_;
  std::unique_ptr<transport::poll_loop> head_;
  std::string where_;
};

TEST_F(ProgramLink, ComesBackToAHeadThatIsBusy) {
  const fault busy{fault_code::busy, "too many come at once", ""};
  EXPECT_TRUE(first_session_with_a_head_that_refuses({busy, busy}));
}

TEST_F(ProgramLink, IsOverWhereTheHeadRefusesIt) {
  const auto outcome =
      first_session_with_a_head_that_refuses({{fault_code::version, "of another time", ""}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, fault_code::version);
}

}  // namespace
}  // namespace fabric::actors
