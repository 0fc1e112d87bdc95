#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/daemon/state_dir.hpp"

namespace fabric::daemon {
namespace {

TEST(NameOfAnInstance, IsOneComponentOfAPath) {
  for (const auto* name : {"a", "w2", "gpu-box_1.lab", "...", ".hidden", "-"})
    EXPECT_EQ(instance_name_rule(name), "") << name;
  for (const auto* name : {"", ".", "..", "a/b", "/", "a b", "a\n", "\xc3\xa9", "a*"})
    EXPECT_NE(instance_name_rule(name), "") << name;
}

TEST(NameOfAnInstance, HasAtMost128Characters) {
  EXPECT_EQ(instance_name_rule(std::string(128, 'x')), "");
  EXPECT_THAT(instance_name_rule(std::string(129, 'x')), ::testing::HasSubstr("128"));
}

TEST(FolderOfAnInstance, IsSpelledInOneWay) {
  for (const auto* given : {"/x/head", "/x/head/", "/x//head", "/x/./y/../head/"})
    EXPECT_EQ(*state_dir_for(given, "", ""), "/x/head") << given;
}

TEST(TheStateHome, IsNamedByXdgStateHomeElseByHome) {
  EXPECT_EQ(*state_home_by("/s", "/h/a"), "/s/fabric");
  for (const auto* none : {static_cast<const char*>(nullptr), "", "relative", "."})
    EXPECT_EQ(*state_home_by(none, "/h/a"), "/h/a/.local/state/fabric");
  EXPECT_EQ(*state_home_by(nullptr, "/"), "/.local/state/fabric");
  EXPECT_EQ(*state_home_by("/s//x/", nullptr), "/s/x/fabric");
}

TEST(TheStateHome, IsNotGuessedWhereNothingNamesIt) {
  for (const auto* home : {static_cast<const char*>(nullptr), "", "root", "~"}) {
    const auto found = state_home_by(nullptr, home);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, fault_code::config);
    EXPECT_THAT(found.error().detail, ::testing::HasSubstr("HOME is"));
    EXPECT_THAT(found.error().hint, ::testing::HasSubstr("XDG_STATE_HOME"));
  }
}

}  // namespace
}  // namespace fabric::daemon
