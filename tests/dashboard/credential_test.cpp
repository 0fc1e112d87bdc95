#include "actors/dashboard/credential.hpp"

#include <gtest/gtest.h>

namespace fabric::dashboard {
namespace {

TEST(CookieNamed, IsFoundAmongOthers) {
  EXPECT_EQ(cookie_named("a=1; fabric=abc; b=2", "fabric"), "abc");
  EXPECT_EQ(cookie_named("fabric=abc", "fabric"), "abc");
  EXPECT_EQ(cookie_named("a=1;fabric=abc", "fabric"), "abc");
  EXPECT_EQ(cookie_named("fabric=", "fabric"), "");
}

TEST(CookieNamed, IsNothingWhereTheNameOnlyLooksAlike) {
  for (const auto* header : {"", ";", "=", "xfabric=abc", "fabricx=abc", "fabric", "a=fabric=abc",
                             "Fabric=abc", ";;; ;"})
    EXPECT_EQ(cookie_named(header, "fabric"), std::nullopt) << header;
}

TEST(CookieNamed, IsTheFirstOfSeveral) {
  EXPECT_EQ(cookie_named("fabric=1; fabric=2", "fabric"), "1");
}

TEST(BearerIn, IsTheWordAfterTheScheme) {
  EXPECT_EQ(bearer_in("Bearer abc"), "abc");
  EXPECT_EQ(bearer_in("bearer   abc "), "abc");
}

TEST(BearerIn, IsNothingForOtherSchemes) {
  for (const auto* header : {"", "Bearer", "Basic abc", "abc", "Bearerabc"})
    EXPECT_EQ(bearer_in(header), std::nullopt) << header;
}

TEST(IsSameSecret, ComparesAllOfBoth) {
  EXPECT_TRUE(is_same_secret("abc", "abc"));
  EXPECT_FALSE(is_same_secret("abc", "abd"));
  EXPECT_FALSE(is_same_secret("abc", "abcd"));
  EXPECT_FALSE(is_same_secret("", "abc"));
}

}  // namespace
}  // namespace fabric::dashboard
