#include "actors/store/netstrings.hpp"

#include <gtest/gtest.h>

namespace fabric::store {
namespace {

using namespace std::string_literals;

TEST(Netstrings, AnyBytesSurvive) {
  const std::string odd = "a,=!:\0\xff\n"s;
  const std::string text = pack({"cpu", "", odd, "3:x"});
  EXPECT_EQ(unpack(text), (std::vector<std::string_view>{"cpu", "", odd, "3:x"}));
  EXPECT_EQ(pack({}), "");
  EXPECT_EQ(unpack(""), std::vector<std::string_view>{});
}

TEST(Netstrings, DamagedListsAreRefused) {
  for (const auto* text :
       {"x", "3", "3:ab", "-1:a", "3;abc", ":", "99999999999999999999:a", "1:ab"}) {
    EXPECT_EQ(unpack(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fabric::store
