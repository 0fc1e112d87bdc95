#include <gtest/gtest.h>

#include <atomic>

#include <string>
#include <thread>

#include "tests/transport/loop_fixture.hpp"

/// What holds for every kind of link.
namespace fabric::transport {
namespace {

enum class kind { inproc, tcp_with_keys, tcp_insecure };

class Link : public testing::TestWithParam<kind> {
 protected:
  Link() {
    const bool local = GetParam() == kind::inproc;
    const bool keys = GetParam() == kind::tcp_with_keys;
    loop_options how;
    how.frame_bytes_max = 8 << 20;
    head_ = start_loop(head_told_, how);
    if (!local) other_ = start_loop(worker_told_, how);
    head_->admit({identity(role::worker, worker_keys_)});
    auto at = head_->listen(
        {local ? "inproc://head" : "tcp://127.0.0.1:*", keys ? head_keys_ : key_pair{}, !keys});
    EXPECT_TRUE(at) << to_line(at.error());
    door_ = {at.value_or(""), keys ? head_keys_.public_key : "", worker_keys_,
             std::chrono::seconds{20}};
  }

  poll_loop& worker() { return other_ ? *other_ : *head_; }
  recorder& worker_told() { return other_ ? worker_told_ : head_told_; }

  void say(poll_loop& from, connection_id to, message m) {
    const auto outcome = from.send(to, {}, std::move(m));
    ASSERT_TRUE(outcome) << to_line(outcome.error());
  }

  /// Dials and says something; both ends know of each other then.
  void connect() {
    here_ = worker().dial(door_);
    ASSERT_TRUE(worker_told().has_opened(here_));
    say(worker(), here_, heartbeat{});
    const auto first = head_told_.first_arrival(other_ ? connection_id{} : here_);
    ASSERT_TRUE(first);
    there_ = first->connection;
    who_ = first->from;
  }

  static message numbered(std::uint64_t n) { return ask{request_id{n}, "ping", ""}; }
  static std::uint64_t number_of(const message& m) { return std::get<ask>(m).request.value; }

  key_pair head_keys_ = make_key_pair();
  key_pair worker_keys_ = make_key_pair();
  recorder head_told_;
  recorder worker_told_;
  std::unique_ptr<poll_loop> head_;
  std::unique_ptr<poll_loop> other_;
  dial_options door_;
  connection_id here_;
  connection_id there_;
  peer_identity who_;
};

INSTANTIATE_TEST_SUITE_P(, Link,
                         testing::Values(kind::inproc, kind::tcp_with_keys, kind::tcp_insecure),
                         [](const auto& info) {
                           return std::string(info.param == kind::inproc          ? "Inproc"
                                              : info.param == kind::tcp_with_keys ? "TcpWithKeys"
                                                                                  : "TcpInsecure");
                         });

TEST_P(Link, TellsTheSameIdForAKeyOnEveryConnection) {
  connect();
  EXPECT_EQ(who_.id, id_of_key(worker_keys_.public_key));
  EXPECT_EQ(who_.public_key, worker_keys_.public_key);
  EXPECT_EQ(who_.is_proven, GetParam() == kind::tcp_with_keys);
  if (who_.is_proven) {
    EXPECT_EQ(who_.as, role::worker);
  }
}

TEST_P(Link, KeepsTheOrderAndLosesNothingOfAHundredThousandBothWays) {
  constexpr std::uint64_t n = 100'000;
  ASSERT_NO_FATAL_FAILURE(connect());
  std::thread from_head([&] {
    for (std::uint64_t i = 1; i <= n; ++i) EXPECT_TRUE(head_->send(there_, {}, numbered(i)));
  });
  for (std::uint64_t i = 1; i <= n; ++i) EXPECT_TRUE(worker().send(here_, {}, numbered(i)));
  from_head.join();
  const auto to_head = head_told_.messages_from(there_, n + 1);
  const auto to_worker = worker_told().messages_from(here_, n);
  ASSERT_EQ(to_head.size(), n + 1);
  ASSERT_EQ(to_worker.size(), n);
  for (std::uint64_t i = 0; i < n; ++i) {
    ASSERT_EQ(number_of(to_head[i + 1]), i + 1);
    ASSERT_EQ(number_of(to_worker[i]), i + 1);
  }
}

TEST_P(Link, RefusesANameThatNobodyWouldRead) {
  ASSERT_NO_FATAL_FAILURE(connect());
  for (const std::string& name : {std::string("\xff\xfe"), std::string(65 << 10, 'x')}) {
    const auto refused_one = worker().send(here_, {}, submit{.name = name});
    ASSERT_FALSE(refused_one);
    EXPECT_EQ(refused_one.error().code, fault_code::bad_message);
  }
  say(worker(), here_, numbered(7));
  EXPECT_EQ(head_told_.messages_from(there_, 2).back(), message{numbered(7)});
}

TEST_P(Link, SharesFramesAmongMessagesThatAreDueTogether) {
  ASSERT_NO_FATAL_FAILURE(connect());
  const auto before = head_told_.count_of(link_event::arrived{});
  for (std::uint64_t i = 0; i < 5000; ++i) EXPECT_TRUE(worker().send(here_, {}, numbered(i)));
  ASSERT_EQ(head_told_.messages_from(there_, 5001).size(), 5001U);
  EXPECT_LT(head_told_.count_of(link_event::arrived{}) - before, 2500U);
}

TEST_P(Link, CarriesAMessageUpToTheLimitAndRefusesALargerOneAlone) {
  ASSERT_NO_FATAL_FAILURE(connect());
  log_chunk chunk;
  chunk.data.assign((8 << 20) - 64, 'x');
  say(worker(), here_, chunk);
  log_chunk larger = chunk;
  larger.data.assign(8 << 20, 'y');
  const auto refused_one = worker().send(here_, {}, larger);
  ASSERT_FALSE(refused_one);
  EXPECT_EQ(refused_one.error().code, fault_code::too_large);
  say(worker(), here_, numbered(7));
  const auto all = head_told_.messages_from(there_, 3);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1], message{chunk});
  EXPECT_EQ(number_of(all[2]), 7U);
}

TEST_P(Link, EndsForBothWhenTheDiallerClosesAndWhatItSaidBeforeArrives) {
  ASSERT_NO_FATAL_FAILURE(connect());
  say(worker(), here_, goodbye{});
  worker().close(here_);
  EXPECT_EQ(worker_told().end_of(here_)->code, fault_code::cancelled);
  const auto all = head_told_.messages_from(there_, 2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<goodbye>(all[1]));
  EXPECT_EQ(head_told_.end_of(there_)->code, fault_code::unreachable);
}

TEST_P(Link, EndsForBothWhenTheListenerClosesAndWhatItSaidBeforeArrives) {
  ASSERT_NO_FATAL_FAILURE(connect());
  say(*head_, there_, refused{});
  head_->close(there_);
  EXPECT_EQ(head_told_.end_of(there_)->code, fault_code::cancelled);
  const auto all = worker_told().messages_from(here_, 1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<refused>(all[0]));
  EXPECT_EQ(worker_told().end_of(here_)->code, fault_code::unreachable);
}

TEST_P(Link, DropsWhatIsSentToAConnectionThatIsOver) {
  ASSERT_NO_FATAL_FAILURE(connect());
  head_->close(there_);
  ASSERT_TRUE(worker_told().end_of(here_));
  say(*head_, there_, heartbeat{});
  say(worker(), here_, heartbeat{});
  head_->close(there_);
  worker().close(here_);
  // The loops still work.
  const auto again = worker().dial(door_);
  EXPECT_TRUE(worker_told().has_opened(again));
  EXPECT_NE(again, here_);
}

TEST_P(Link, KeepsWhatIsSentBeforeTheConnectionIsOpen) {
  here_ = worker().dial(door_);
  say(worker(), here_, numbered(3));
  const auto first = head_told_.first_arrival(other_ ? connection_id{} : here_);
  ASSERT_TRUE(first);
  EXPECT_EQ(number_of(std::get<envelope>(first->messages.at(0)).body), 3U);
}

TEST_P(Link, SendsWhatIsQueuedBeforeItStops) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!other_) GTEST_SKIP() << "both ends stop together";
  for (std::uint64_t i = 0; i < 1000; ++i) say(worker(), here_, numbered(i));
  other_->stop(std::chrono::seconds{20});
  other_->stop();
  EXPECT_EQ(head_told_.messages_from(there_, 1001).size(), 1001U);
  EXPECT_TRUE(head_told_.end_of(there_));
}

TEST(PollLoop, NoWakeUpIsLostBesideATurn) {
  std::atomic<int> asked = 0;
  std::atomic<int> seen = 0;
  auto loop = poll_loop::start({.turn =
                                    [&] {
                                      const int it = asked;
                                      seen = it;
                                      // The next one falls into this turn's end.
                                      for (int i = 0; i < 2'000 && asked == it; ++i) {
                                      }
                                      return no_turn_due;
                                    }},
                               [](auto) {});
  ASSERT_TRUE(loop);
  for (int i = 1; i <= 5'000; ++i) {
    asked = i;
    (*loop)->wake();
    while (seen < i) {
    }
  }
}

TEST(PollLoop, GivesItsOwnerATurnForLastWords) {
  for (int i = 0; i < 500; ++i) {
    std::atomic<bool> is_leaving = false;
    std::atomic<bool> had_last_words = false;
    auto loop = poll_loop::start({.turn =
                                      [&] {
                                        if (is_leaving) had_last_words = true;
                                        return no_turn_due;
                                      }},
                                 [](auto) {});
    ASSERT_TRUE(loop);
    (*loop)->wake();
    is_leaving = true;
    (*loop)->stop();
    ASSERT_TRUE(had_last_words) << "of loop " << i;
  }
}

}  // namespace
}  // namespace fabric::transport
