#include "scheduler/calls/key_index.hpp"

#include <gtest/gtest.h>

namespace fabric::calls {
namespace {

TEST(KeyIndex, JoinsTheSameAndRefusesTheOther) {
  key_index keys;
  const auto content = hash_of("f", "1");
  EXPECT_TRUE(std::holds_alternative<key_index::is_new>(keys.claim("k", content, call_id{1})));
  const auto again = keys.claim("k", content, call_id{2});
  ASSERT_TRUE(std::holds_alternative<key_index::joins>(again));
  EXPECT_EQ(std::get<key_index::joins>(again).earlier, call_id{1});
  EXPECT_TRUE(
      std::holds_alternative<key_index::conflicts>(keys.claim("k", hash_of("f", "2"), call_id{3})));
}

TEST(KeyIndex, FreesTheKeyOfAFailedCallOnly) {
  key_index keys;
  keys.claim("k", hash_of("f", "1"), call_id{1});
  keys.forget("k", call_id{9});
  EXPECT_EQ(keys.size(), 1U);
  keys.forget("k", call_id{1});
  EXPECT_TRUE(
      std::holds_alternative<key_index::is_new>(keys.claim("k", hash_of("f", "2"), call_id{2})));
}

TEST(KeyIndex, HashesNameAndArgumentsApart) {
  EXPECT_NE(hash_of("ab", "c"), hash_of("a", "bc"));
  EXPECT_NE(hash_of("f", ""), hash_of("", "f"));
  EXPECT_EQ(hash_of("f", "x"), hash_of("f", "x"));
}

}  // namespace
}  // namespace fabric::calls
