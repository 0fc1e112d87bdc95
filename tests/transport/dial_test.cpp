#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/transport/loop_fixture.hpp"
#include "tests/transport/raw_socket.hpp"

/// How a dial that leads nowhere ends, and how soon.
namespace fabric::transport {
namespace {

using namespace std::chrono_literals;

class Dial : public testing::Test {
 protected:
  fault outcome(const dial_options& where) {
    const auto why = told_.end_of(loop_->dial(where));
    EXPECT_TRUE(why);
    return why.value_or(fault{});
  }
  dial_options to(const std::string& endpoint, duration timeout = 20s) {
    return {endpoint, make_key_pair().public_key, make_key_pair(), timeout, timeout};
  }

  recorder told_;
  std::unique_ptr<poll_loop> loop_ = start_loop(told_);
};

TEST_F(Dial, ToAClosedPortIsToldAtOnceAsUnreachable) {
  const std::string endpoint = raw_listener().endpoint();  // free again by now
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(to(endpoint)).code, fault_code::unreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(Dial, ToOneWhoAcceptsAndSaysNothingEndsWithTheTimeout) {
  const raw_listener mute;
  const fault why = outcome(to(mute.endpoint(), 300ms));
  EXPECT_EQ(why.code, fault_code::unreachable);
  EXPECT_NE(why.detail.find("accepts connections but does not answer"), std::string::npos);
}

TEST_F(Dial, WaitsLongerForOneWhoHasAcceptedThanForOneWhoHasNot) {
  const raw_listener mute;
  auto patient = to(mute.endpoint());
  patient.connect_timeout = 1s;
  const auto waits = loop_->dial(patient);
  EXPECT_EQ(outcome(to(mute.endpoint(), 1200ms)).code, fault_code::unreachable);
  loop_->close(waits);
  EXPECT_EQ(told_.end_of(waits).value_or(fault{}).code, fault_code::cancelled);
}

TEST_F(Dial, ToAWebServerIsToldAsAFailedHandshake) {
  raw_listener web;
  const auto id = loop_->dial(to(web.endpoint()));
  raw_socket peer = web.accept();
  peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(told_.end_of(id).value_or(fault{}).code, fault_code::auth_failed);
}

TEST_F(Dial, WithAnotherServersKeyIsToldAsAFailedHandshake) {
  head_and_worker both;
  auto door = both.door();
  door.server_public_key = make_key_pair().public_key;
  door.connect_timeout = 2s;
  EXPECT_EQ(outcome(door).code, fault_code::auth_failed);
}

// Whether this side sees the difference first or the head hangs up first is a race.
TEST_F(Dial, WithoutKeysToAHeadWithKeysSaysThatTheyDifferOrThatTheHandshakeFailed) {
  head_and_worker both;
  auto door = both.door();
  door.server_public_key.clear();
  const auto code = outcome(door).code;
  EXPECT_TRUE(code == fault_code::config || code == fault_code::auth_failed) << name_of(code);
}

TEST_F(Dial, ToWhatIsNoAddressIsToldAsUsage) {
  EXPECT_EQ(outcome(to("ipc:///tmp/x")).code, fault_code::usage);
  EXPECT_EQ(outcome(to("127.0.0.1:80")).code, fault_code::usage);
  EXPECT_EQ(outcome(to("tcp://nowhere")).code, fault_code::usage);
  EXPECT_EQ(outcome(to("inproc://nobody")).code, fault_code::unreachable);
}

TEST_F(Dial, WithIncompleteKeysIsToldAsConfig) {
  auto door = to("tcp://127.0.0.1:1");
  door.keys.secret_key = "short";
  EXPECT_EQ(outcome(door).code, fault_code::config);
}

TEST_F(Dial, IsGivenUpByClose) {
  const raw_listener mute;
  const auto id = loop_->dial(to(mute.endpoint()));
  loop_->close(id);
  EXPECT_EQ(told_.end_of(id).value_or(fault{}).code, fault_code::cancelled);
}

TEST_F(Dial, IsToldWhenTheHeadDies) {
  head_and_worker both;
  const auto id = loop_->dial(both.door());
  ASSERT_TRUE(told_.has_opened(id));
  both.head.reset();
  EXPECT_EQ(told_.end_of(id).value_or(fault{}).code, fault_code::unreachable);
}

TEST_F(Dial, OfAListenersPortByASecondListenerNamesTheHolder) {
  head_and_worker both;
  const auto second = loop_->listen({both.endpoint, make_key_pair(), false});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, fault_code::address_in_use);
  EXPECT_NE(second.error().detail.find("process " + std::to_string(getpid()) + " ("),
            std::string::npos)
      << second.error().detail;
}

TEST_F(Dial, ListensNowhereWithoutKeysOrOnWhatIsNoAddress) {
  EXPECT_EQ(loop_->listen({"tcp://127.0.0.1:*", {}, false}).error().code, fault_code::config);
  EXPECT_EQ(loop_->listen({"tcp://nowhere", make_key_pair(), false}).error().code,
            fault_code::usage);
  EXPECT_EQ(loop_->listen({"ipc:///tmp/x", make_key_pair(), false}).error().code,
            fault_code::usage);
  EXPECT_EQ(loop_->listen({"tcp://192.0.2.1:1", make_key_pair(), false}).error().code,
            fault_code::config);
}

TEST_F(Dial, FindsAStoppedLoopToRefuse) {
  loop_->stop();
  EXPECT_EQ(loop_->listen({"tcp://127.0.0.1:*", make_key_pair(), false}).error().code,
            fault_code::cancelled);
  EXPECT_TRUE(loop_->send(loop_->dial(to("tcp://127.0.0.1:1")), {}, heartbeat{}));
}

}  // namespace
}  // namespace fabric::transport
