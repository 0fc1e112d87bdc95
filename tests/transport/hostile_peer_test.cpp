#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/transport/free_spirit.hpp"
#include "tests/transport/loop_fixture.hpp"
#include "tests/transport/raw_socket.hpp"

/// Whoever can reach the port can send what he likes; an honest peer must not notice.
namespace fabric::transport {
namespace {

using namespace std::string_literals;

const std::string zmtp_greeting_null = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL"s +
                                       std::string(16, '\0') + std::string(32, '\0');
const std::string zmtp_greeting_curve =
    "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00"s
    "CURVE"s +
    std::string(15, '\0') + std::string(32, '\0');

void expect_honest_peer_served(head_and_worker& both) {
  const auto id = both.worker->dial(both.door());
  ASSERT_TRUE(both.worker->send(id, {}, heartbeat{}));
  const auto first = both.head_told.first_arrival();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->from, identity(role::worker, both.worker_keys));
  ASSERT_TRUE(both.head->send(first->connection, {}, goodbye{}));
  EXPECT_EQ(both.worker_told.messages_from(id, 1).size(), 1U);
}

TEST(HostilePeer, WithGarbageDoesNotDisturbAnHonestOne) {
  head_and_worker both;
  std::mt19937_64 random(7);
  std::vector<raw_socket> held;
  for (int i = 0; i < 40; ++i) {
    held.push_back(raw_socket::connect_to(both.endpoint));
    std::string bytes;
    for (auto n = random() % 3000; n > 0; --n) bytes += static_cast<char>(random());
    held.back().write(bytes);
    held.push_back(raw_socket::connect_to(both.endpoint));
    held.back().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    held.push_back(raw_socket::connect_to(both.endpoint));
    held.back().write(zmtp_greeting_curve + "\x04\xff\xff\xff\xff\xff\xff\xff\xff"s + bytes);
  }
  expect_honest_peer_served(both);
  EXPECT_EQ(both.head_told.count_of(link_event::malformed{}), 0U);
}

TEST(HostilePeer, WithHalfOpenConnectionsDoesNotDisturbAnHonestOne) {
  head_and_worker both;
  std::vector<raw_socket> idle;
  for (int i = 0; i < 300; ++i) idle.push_back(raw_socket::connect_to(both.endpoint));
  expect_honest_peer_served(both);
  // And the head hangs up on the idle ones: its half of the greeting, then the end.
  EXPECT_LE(idle.front().read_to_end().size(), 64U);
}

TEST(HostilePeer, ThatAsksForNoSecurityOrAnOldProtocolGetsNothing) {
  head_and_worker both;
  const auto null_peer = raw_socket::connect_to(both.endpoint);
  null_peer.write(zmtp_greeting_null +
                  "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x06"
                  "DEALER"s);
  EXPECT_LE(null_peer.read_to_end().size(), 64U + 64U);
  const auto zmtp1 = raw_socket::connect_to(both.endpoint);
  zmtp1.write("\x01\x00\x02\x00x"s);
  EXPECT_LE(zmtp1.read_to_end().size(), 64U);
  expect_honest_peer_served(both);
  EXPECT_EQ(both.head_told.count_of(link_event::arrived{}), 1U);
}

TEST(HostilePeer, ThatSendsTooLargeAFrameIsCut) {
  loop_options small;
  small.frame_bytes_max = 1 << 20;
  head_and_worker both(small);
  recorder told;
  const auto large = start_loop(told);
  const auto id = large->dial(both.door());
  log_chunk chunk;
  chunk.data.assign(2 << 20, 'x');
  ASSERT_TRUE(large->send(id, {}, chunk));
  EXPECT_TRUE(told.end_of(id));
  expect_honest_peer_served(both);
}

TEST(SlowPeer, IsCutWhenTooMuchWaitsForIt) {
  loop_options how;
  how.outbox_bytes_max = 4 << 20;
  head_and_worker both(how);
  // An admitted peer that asks and never reads the answers.
  free_spirit lazy(both.endpoint, both.head_keys.public_key, both.worker_keys, "abc");
  lazy.say(frame_of(heartbeat{}));
  const auto first = both.head_told.first_arrival();
  ASSERT_TRUE(first);
  log_chunk chunk;
  chunk.data.assign(64 << 10, 'x');
  // More than sockets, libzmq's queues and the outbox can hold together.
  for (int sent = 0; sent < 9'600 && both.head_told.count_of(link_event::closed{}) == 0; ++sent)
    ASSERT_TRUE(both.head->send(first->connection, {}, chunk));
  const auto why = both.head_told.end_of(first->connection);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, fault_code::busy);
}

}  // namespace
}  // namespace fabric::transport
