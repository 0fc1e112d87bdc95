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
  EXPECT_TRUE(r.joined(anna, "key a", at_anna, ""));
  EXPECT_TRUE(r.joined(bert, "key b", at_bert, ""));
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
  ASSERT_TRUE(r.joined(bert, "key b", again, ""));
  EXPECT_TRUE(r.due(instant{} + 60s).empty());
  EXPECT_EQ(std::get<relay::route>(r.pass(anna, bert, instant{})), again);
}

TEST(Relay, IgnoresTheEndOfAConnectionThatWasReplaced) {
  auto r = both_there();
  const relay::route again{connection_id{13}, session_id{23}, 1};
  ASSERT_TRUE(r.joined(bert, "key b", again, ""));
  r.left(at_bert.connection, instant{});
  EXPECT_EQ(std::get<relay::route>(r.pass(anna, bert, instant{})), again);
}

TEST(Relay, DoesNotTakeAProgramsIdFromAnotherKey) {
  auto r = both_there();
  const auto taken = r.joined(bert, "key of a thief", at_anna, "");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, fault_code::forbidden);
}

TEST(Relay, WaitsForUnknownProgramsAfterARestart) {
  relay r(10s, instant{});
  ASSERT_TRUE(r.joined(anna, "key a", at_anna, ""));
  EXPECT_TRUE(std::holds_alternative<relay::later>(r.pass(anna, bert, instant{} + 9s)));
  EXPECT_TRUE(std::holds_alternative<relay::gone>(r.pass(anna, bert, instant{} + 10s)));
}

TEST(Relay, GivesUpAnOwnerThatDoesNotReturnAfterARestart) {
  relay r(10s, instant{});
  r.expect(anna, instant{});
  EXPECT_TRUE(r.due(instant{} + 9s).empty());
  ASSERT_EQ(r.due(instant{} + 10s).size(), 1U);
}

}  // namespace
}  // namespace fabric::transport
