#include <gtest/gtest.h>

#include "tests/transport/free_spirit.hpp"
#include "tests/transport/loop_fixture.hpp"

/// Who is let in, and as whom.
namespace fabric::transport {
namespace {

using namespace std::chrono_literals;

TEST(Admission, RefusesAStrangerAndHearsNothingOfIt) {
  head_and_worker both;
  auto door = both.door();
  door.keys = make_key_pair();
  const auto stranger = both.worker->dial(door);
  EXPECT_TRUE(both.worker->send(stranger, {}, heartbeat{}));
  const auto why = both.worker_told.end_of(stranger);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, fault_code::auth_failed);
  EXPECT_NE(why->detail.find("does not admit"), std::string::npos);

  const auto honest = both.worker->dial(both.door());
  EXPECT_TRUE(both.worker->send(honest, {}, goodbye{}));
  const auto first = both.head_told.first_arrival();
  ASSERT_TRUE(first);
  EXPECT_TRUE(std::holds_alternative<goodbye>(std::get<envelope>(first->messages.at(0)).body));
}

TEST(Admission, RefusesEverybodyBeforeAnyoneIsAdmitted) {
  recorder told;
  const auto loop = start_loop(told);
  const auto keys = make_key_pair();
  const auto at = loop->listen({"tcp://127.0.0.1:*", keys, false});
  ASSERT_TRUE(at);
  const auto id = loop->dial({*at, keys.public_key, make_key_pair(), 20s});
  EXPECT_EQ(told.end_of(id).value_or(fault{}).code, fault_code::auth_failed);
}

TEST(Admission, TellsTheRoleThatTheKeyWasAdmittedIn) {
  head_and_worker both;
  const key_pair client = make_key_pair();
  both.head->admit({identity(role::worker, both.worker_keys), identity(role::observer, client)});
  auto door = both.door();
  door.keys = client;
  EXPECT_TRUE(both.worker->send(both.worker->dial(door), {}, heartbeat{}));
  const auto first = both.head_told.first_arrival();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->from, identity(role::observer, client));
}

TEST(Admission, EndsTheLiveConnectionsOfARevokedKeyAndNoOthers) {
  head_and_worker both;
  const key_pair stays = make_key_pair();
  both.head->admit({identity(role::worker, both.worker_keys), identity(role::client, stays)});
  const auto revoked = both.worker->dial(both.door());
  EXPECT_TRUE(both.worker->send(revoked, {}, heartbeat{}));
  const auto first = both.head_told.first_arrival();
  ASSERT_TRUE(first);
  auto door = both.door();
  door.keys = stays;
  const auto kept = both.worker->dial(door);
  EXPECT_TRUE(both.worker->send(kept, {}, heartbeat{}));
  const auto second = both.head_told.first_arrival(first->connection);
  ASSERT_TRUE(second);

  both.head->admit({identity(role::client, stays)});
  EXPECT_EQ(both.head_told.end_of(first->connection).value_or(fault{}).code,
            fault_code::auth_failed);
  EXPECT_TRUE(both.worker_told.end_of(revoked));
  EXPECT_TRUE(both.worker->send(kept, {}, goodbye{}));
  EXPECT_EQ(both.head_told.messages_from(second->connection, 2).size(), 2U);
  EXPECT_EQ(both.worker_told.end_of(both.worker->dial(both.door())).value_or(fault{}).code,
            fault_code::auth_failed);
}

TEST(Admission, LetsLastWordsOutToAPeerWhoseKeyIsRevoked) {
  head_and_worker both;
  both.head->admit({identity(role::worker, both.worker_keys)});
  const auto revoked = both.worker->dial(both.door());
  EXPECT_TRUE(both.worker->send(revoked, {}, heartbeat{}));
  const auto first = both.head_told.first_arrival();
  ASSERT_TRUE(first);
  EXPECT_TRUE(both.head->send(first->connection, {}, unknown_session{}));
  both.head->close(first->connection);
  both.head->admit({});
  EXPECT_EQ(both.worker_told.messages_from(revoked, 1).size(), 1U);
  EXPECT_TRUE(both.worker_told.end_of(revoked));
  EXPECT_EQ(both.worker_told.end_of(both.worker->dial(both.door())).value_or(fault{}).code,
            fault_code::auth_failed);
}

TEST(Admission, EndsTheConnectionsOfAKeyWhoseRoleChanged) {
  head_and_worker both;
  const auto id = both.worker->dial(both.door());
  EXPECT_TRUE(both.worker->send(id, {}, heartbeat{}));
  ASSERT_TRUE(both.head_told.first_arrival());
  both.head->admit({identity(role::client, both.worker_keys)});
  EXPECT_TRUE(both.worker_told.end_of(id));
}

TEST(Admission, EndsAConnectionThatWasRevokedBeforeItSaidAnything) {
  head_and_worker both;
  const auto id = both.worker->dial(both.door());
  ASSERT_TRUE(both.worker_told.has_opened(id));
  both.head->admit({});
  ASSERT_TRUE(both.head->listen({"inproc://when-that-is-done"}));
  EXPECT_TRUE(both.worker->send(id, {}, heartbeat{}));
  EXPECT_TRUE(both.worker_told.end_of(id));
  EXPECT_EQ(both.head_told.count_of(link_event::arrived{}), 0U);
}

TEST(SelfTest, PassesWhereStrangersAreRefused) {
  head_and_worker both;
  const auto outcome =
      both.head->prove_strangers_are_refused(both.endpoint, both.head_keys.public_key);
  EXPECT_TRUE(outcome) << to_line(outcome.error());
}

TEST(SelfTest, FailsWhereStrangersAreLetInOrNobodyAnswers) {
  recorder told;
  const auto loop = start_loop(told);
  const auto open = loop->listen({"tcp://127.0.0.1:*", {}, true});
  ASSERT_TRUE(open);
  EXPECT_EQ(loop->prove_strangers_are_refused(*open, "").error().code, fault_code::auth_selftest);
  const auto lets_in = loop->prove_strangers_are_refused(*open, "").error().detail;
  EXPECT_NE(lets_in.find("lets in"), std::string::npos) << lets_in;
  head_and_worker both;
  EXPECT_EQ(
      loop->prove_strangers_are_refused(both.endpoint, make_key_pair().public_key).error().code,
      fault_code::auth_selftest);
}

TEST(Admission, GoesByTheKeyEvenWhereARoutingIdIsTakenOver) {
  head_and_worker both;
  const key_pair client = make_key_pair();
  both.head->admit({identity(role::worker, both.worker_keys), identity(role::client, client)});
  std::optional<link_event::arrived> first;
  {
    free_spirit worker(both.endpoint, both.head_keys.public_key, both.worker_keys, "abc");
    worker.say(frame_of(heartbeat{}));
    first = both.head_told.first_arrival();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->from.as, role::worker);
  }
  EXPECT_TRUE(both.head_told.end_of(first->connection));
  free_spirit thief(both.endpoint, both.head_keys.public_key, client, "abc");
  thief.say(frame_of(heartbeat{}));
  const auto second = both.head_told.first_arrival(first->connection);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->from, identity(role::client, client));
}

TEST(Admission, TellsOfMalformedFramesOfAnAdmittedPeerAndKeepsItsConnection) {
  head_and_worker both;
  free_spirit worker(both.endpoint, both.head_keys.public_key, both.worker_keys, "abc");
  worker.say("no messagepack");
  worker.say(frame_of(heartbeat{}), zmq::send_flags::sndmore);
  worker.say("second part");
  worker.say("");
  worker.say(frame_of(goodbye{}));
  ASSERT_TRUE(both.head_told.first_arrival());
  EXPECT_EQ(both.head_told.count_of(link_event::malformed{}), 3U);
  EXPECT_EQ(both.head_told.count_of(link_event::arrived{}), 1U);
  EXPECT_EQ(both.head_told.count_of(link_event::closed{}), 0U);
}

}  // namespace
}  // namespace fabric::transport
