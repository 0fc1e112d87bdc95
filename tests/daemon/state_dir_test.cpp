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
    EXPECT_EQ(state_dir_for(given, "", ""), "/x/head") << given;
}

}  // namespace
}  // namespace fabric::daemon
