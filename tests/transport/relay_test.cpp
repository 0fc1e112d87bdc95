#include "transport/relay.hpp"

#include <gtest/gtest.h>

namespace fabric::transport {
namespace {

using namespace std::chrono_literals;

constexpr program_id anna{1};
constexpr program_id bert{2};
const relay::route at_anna{connection_id{11}, session_id{21}, 1};
const relay::route at_bert{connection_id{12}, session_id{22}, 1};

relay both_there() {
  relay r(10s, instant{});
  EXPECT_TRUE(r.joined(anna, {.public_key = "key a"}, at_anna));
  EXPECT_TRUE(r.joined(bert, {.public_key = "key b"}, at_bert));
  return r;
}

TEST(Relay, PassesToWhereTheProgramIs) {
  auto r = both_there();
  EXPECT_EQ(std::get<relay::route>(r.pass(anna, bert, instant{})), at_bert);
}

TEST(Relay, KeepsNothingForAProgramThatIsAway) {
  auto r = both_there();
  r.left(at_bert.connection, instant{});
  EXPECT_TRUE(std::holds_alternative<relay::later>(r.pass(anna, bert, instant{})));
}

TEST(Relay, TellsThoseWhoKnewAProgramThatItIsGone) {
  auto r = both_there();
  r.pass(bert, anna, instant{});
  r.left(at_bert.connection, instant{});
  EXPECT_TRUE(r.due(instant{} + 9s).empty());
  const auto gone = r.due(instant{} + 10s);
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone.front().program, bert);
  EXPECT_EQ(gone.front().witnesses, std::vector{at_anna});
  EXPECT_TRUE(std::holds_alternative<relay::gone>(r.pass(anna, bert, instant{} + 10s)));
}

TEST(Relay, ForgetsAtOnceWhoSaysGoodbye) {
  auto r = both_there();
  ASSERT_TRUE(r.retired(at_bert.connection));
  EXPECT_FALSE(r.program_on(at_bert.connection));
  EXPECT_EQ(r.size(), 1U);
}

TEST(Relay, KeepsAProgramThatIsBackInTime) {
  auto r = both_there();
  r.left(at_bert.connection, instant{});
  const relay::route again{connection_id{13}, session_id{23}, 1};
  ASSERT_TRUE(r.joined(bert, {.public_key = "key b"}, again));
  EXPECT_TRUE(r.due(instant{} + 60s).empty());
  EXPECT_EQ(std::get<relay::route>(r.pass(anna, bert, instant{})), again);
}

TEST(Relay, IgnoresTheEndOfAConnectionThatWasReplaced) {
  auto r = both_there();
  const relay::route again{connection_id{13}, session_id{23}, 1};
  ASSERT_TRUE(r.joined(bert, {.public_key = "key b"}, again));
  r.left(at_bert.connection, instant{});
  EXPECT_EQ(std::get<relay::route>(r.pass(anna, bert, instant{})), again);
}

TEST(Relay, DoesNotTakeAProgramsIdFromAnotherKey) {
  auto r = both_there();
  const auto taken = r.joined(bert, {.public_key = "key of a thief"}, at_anna);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, fault_code::forbidden);
}

TEST(Relay, WaitsForUnknownProgramsAfterARestart) {
  relay r(10s, instant{});
  ASSERT_TRUE(r.joined(anna, {.public_key = "key a"}, at_anna));
  EXPECT_TRUE(std::holds_alternative<relay::later>(r.pass(anna, bert, instant{} + 9s)));
  EXPECT_TRUE(std::holds_alternative<relay::gone>(r.pass(anna, bert, instant{} + 10s)));
}

TEST(Relay, GivesUpAnOwnerThatDoesNotReturnAfterARestart) {
  relay r(10s, instant{});
  r.expect(anna, instant{});
  EXPECT_TRUE(r.due(instant{} + 9s).empty());
  ASSERT_EQ(r.due(instant{} + 10s).size(), 1U);
}

relay::passport reachable(const std::string& key) {
  return {.public_key = key, .endpoint = "tcp://" + key, .endpoint_key = "server " + key};
}

relay both_reachable() {
  relay r(10s, instant{});
  EXPECT_TRUE(r.joined(anna, reachable("a"), at_anna));
  EXPECT_TRUE(r.joined(bert, reachable("b"), at_bert));
  return r;
}

TEST(Relay, IntroducesTwoProgramsToEachOther) {
  const auto r = both_reachable();
  const auto made = r.introduce(anna, bert, false);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->dialler, at_anna);
  EXPECT_EQ(made->to_dialler, (introduced{bert, "tcp://b", "server b", {}}));
  EXPECT_EQ(made->listener, at_bert);
  EXPECT_EQ(made->to_listener, (introduced{anna, {}, {}, "a"}));
}

TEST(Relay, LetsTheSameOneDialWhoeverAsked) {
  const auto r = both_reachable();
  EXPECT_EQ(r.introduce(bert, anna, false)->dialler, at_anna);
}

TEST(Relay, LetsWhoeverKnowsManyListen) {
  auto r = both_reachable();
  constexpr program_id carl{3};
  ASSERT_TRUE(r.joined(carl, reachable("c"), {connection_id{13}, session_id{23}, 1}));
  r.pass(carl, anna, instant{});
  EXPECT_EQ(r.introduce(anna, bert, false)->dialler, at_bert);
}

TEST(Relay, LetsTheOtherDialWhereTheFirstDidInVain) {
  const auto r = both_reachable();
  EXPECT_EQ(r.introduce(anna, bert, true)->dialler, at_bert);
}

TEST(Relay, LetsAProgramThatCannotBeDialledDial) {
  relay r(10s, instant{});
  ASSERT_TRUE(r.joined(anna, reachable("a"), at_anna));
  ASSERT_TRUE(r.joined(bert, {.public_key = "b"}, at_bert));
  EXPECT_EQ(r.introduce(anna, bert, false)->dialler, at_bert);
  EXPECT_FALSE(r.introduce(bert, anna, true)) << "bert could not reach anna, and cannot be reached";
}

TEST(Relay, IntroducesNobodyWhoIsAwayOrUnknownOrAlone) {
  auto r = both_reachable();
  EXPECT_FALSE(r.introduce(anna, program_id{9}, false));
  EXPECT_FALSE(r.introduce(anna, anna, false));
  r.left(at_bert.connection, instant{});
  EXPECT_FALSE(r.introduce(anna, bert, false));
}

}  // namespace
}  // namespace fabric::transport
