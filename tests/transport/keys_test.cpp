#include "transport/keys.hpp"

#include <gtest/gtest.h>

namespace fabric::transport {
namespace {

TEST(Keys, ArePairsOfTheirOwn) {
  const auto a = make_key_pair();
  const auto b = make_key_pair();
  EXPECT_EQ(a.public_key.size(), 32U);
  EXPECT_EQ(a.secret_key.size(), 32U);
  EXPECT_NE(a.public_key, b.public_key);
  EXPECT_NE(a.secret_key, b.secret_key);
}

TEST(Keys, HaveTheFirstEightBytesOfBlake2bForAnId) {
  // BLAKE2b-256 of 32 zero bytes begins with 89eb0d6a8a691dae.
  const std::string zeros(32, '\0');
  EXPECT_EQ(fingerprint(zeros), "89eb0d6a8a691dae");
  EXPECT_EQ(id_of_key(zeros), node_id{0x89eb0d6a8a691dae});
}

join_token a_token() { return {make_key_pair().public_key, make_key_pair(), "cluster-1"}; }

TEST(JoinToken, ComesBackAsItWasAndWithBlanksAround) {
  const auto token = a_token();
  const auto back = parse_token("  " + to_string(token) + "\n");
  ASSERT_TRUE(back) << to_line(back.error());
  EXPECT_EQ(*back, token);
  EXPECT_EQ(back->joiner.public_key, token.joiner.public_key);
  EXPECT_EQ(to_string(token).find_first_of(" +/="), std::string::npos);
}

TEST(JoinToken, SaysTruncatedWhereverItIsCut) {
  const std::string text = to_string(a_token());
  for (std::size_t n = 1; n < text.size(); ++n) {
    const auto back = parse_token(text.substr(0, n));
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, fault_code::auth_failed);
    EXPECT_EQ(back.error().detail, "the token is truncated") << n << " of " << text.size();
  }
}

TEST(JoinToken, SaysMistypedWhereACharacterIsWrongAndNeverEchoesIt) {
  const std::string text = to_string(a_token());
  for (std::size_t i = 5; i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    const auto back = parse_token(wrong);
    ASSERT_FALSE(back) << i;
    EXPECT_EQ(back.error().detail.find(wrong.substr(5, 10)), std::string::npos);
  }
  EXPECT_EQ(parse_token(text + "!").error().detail, "the token is mistyped");
  EXPECT_EQ(parse_token(text + "AAAA").error().detail, "the token is mistyped");
  EXPECT_EQ(parse_token("hello").error().detail, "this is no join token");
  EXPECT_EQ(parse_token(" ").error().detail, "the token is empty");
}

TEST(Hex, ComesBackAsItWasAndRefusesAnythingElse) {
  const std::string bytes = "\x00\xff\x10z";
  EXPECT_EQ(to_hex(std::string("\x00\xff\x10", 3)), "00ff10");
  EXPECT_EQ(from_hex("00ff10", 3).value_or("?"), std::string("\x00\xff\x10", 3));
  for (const char* bad : {"00ff1", "00ff1g", "00ff1000", "", "00 f10"})
    EXPECT_EQ(from_hex(bad, 3).error().code, fault_code::usage) << bad;
}

}  // namespace
}  // namespace fabric::transport
