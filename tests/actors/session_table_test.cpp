#include "actors/gateway/session_table.hpp"

#include <gtest/gtest.h>

#include "tests/actors/beginning.hpp"

namespace fabric::actors {
namespace {

using namespace std::chrono_literals;
using transport::connection_id;

transport::peer_identity a_peer(transport::role as, std::uint64_t id) {
  return {.as = as, .public_key = "", .id = node_id{id}};
}

session_table a_table(std::uint64_t epoch = 3) {
  return session_table{{.epoch = epoch, .heartbeat = 2s, .missed_max = 5, .credits = 10}};
}

TEST(SessionTable, NoTwoHeadsEverGiveTheSameSession) {
  auto first = a_table(3);
  auto second = a_table(4);
  const auto a = first.open(connection_id{1}, a_peer(transport::role::client, 1), t0).id;
  const auto b = first.open(connection_id{2}, a_peer(transport::role::client, 1), t0).id;
  const auto c = second.open(connection_id{1}, a_peer(transport::role::client, 1), t0).id;
  EXPECT_NE(a, b);
  EXPECT_NE(a, c);
  EXPECT_NE(b, c);
}

TEST(SessionTable, AConnectionHasItsNewestSessionOnly) {
  auto table = a_table();
  const auto old = table.open(connection_id{1}, a_peer(transport::role::client, 1), t0).id;
  const auto fresh = table.open(connection_id{1}, a_peer(transport::role::client, 1), t0).id;
  EXPECT_EQ(table.find(old), nullptr);
  ASSERT_NE(table.find(fresh), nullptr);
  EXPECT_EQ(table.size(), 1U);
}

TEST(SessionTable, ANodeIsFoundByItsNewestSessionEvenWhenAnOlderOneEndsLater) {
  auto table = a_table();
  table.open(connection_id{1}, a_peer(transport::role::worker, 7), t0);
  const auto fresh = table.open(connection_id{2}, a_peer(transport::role::worker, 7), t0).id;
  table.close(connection_id{1});
  ASSERT_NE(table.of_node(node_id{7}), nullptr);
  EXPECT_EQ(table.of_node(node_id{7})->id, fresh);
  table.close(connection_id{2});
  EXPECT_EQ(table.of_node(node_id{7}), nullptr);
}

TEST(SessionTable, ASessionThatSaysNothingForFiveHeartbeatsIsSilent) {
  auto table = a_table();
  table.open(connection_id{1}, a_peer(transport::role::worker, 1), t0);
  table.open(connection_id{2}, a_peer(transport::role::worker, 2), t0).life.heard(t0 + 8s);
  EXPECT_TRUE(table.silent(t0 + 9s).empty());
  EXPECT_EQ(table.silent(t0 + 11s), std::vector{connection_id{1}});
}

TEST(SessionTable, ClosingAnswersWhoIsGoneOnce) {
  auto table = a_table();
  table.open(connection_id{1}, a_peer(transport::role::worker, 7), t0);
  const auto gone = table.close(connection_id{1});
  ASSERT_TRUE(gone.has_value());
  EXPECT_EQ(gone->peer.id, node_id{7});
  EXPECT_FALSE(table.close(connection_id{1}).has_value());
}

}  // namespace
}  // namespace fabric::actors
