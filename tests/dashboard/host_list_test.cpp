#include "actors/dashboard/host_list.hpp"

#include <gtest/gtest.h>

namespace fabric::dashboard {
namespace {

TEST(NameInHost, IsWithoutPortAndInLowerCase) {
  EXPECT_EQ(name_in_host("Example.ORG:8265"), "example.org");
  EXPECT_EQ(name_in_host("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(name_in_host("[::1]:80"), "::1");
  EXPECT_EQ(name_in_host("[FE80::1]"), "fe80::1");
}

TEST(NameInHost, IsNothingWhereTheHeaderIsMalformed) {
  for (const auto* text :
       {"", ":80", "a b", "host:", "host:80:80", "host:8a", "host:123456", "[::1", "[::1]80", "[]",
        "[::1]:", "a/b", "a@b", "evil.example/127.0.0.1", "::1", "127.0.0.1,evil", "h\xc3\xb6st"})
    EXPECT_EQ(name_in_host(text), std::nullopt) << text;
  EXPECT_EQ(name_in_host(std::string(256, 'a')), std::nullopt);
}

TEST(HostList, AdmitsTheAddressThatWasCalled) {
  const host_list list;
  EXPECT_TRUE(list.admits("10.8.0.1:8265", "10.8.0.1"));
  EXPECT_TRUE(list.admits("[fd00::1]:8265", "fd00::1"));
  EXPECT_FALSE(list.admits("10.8.0.2:8265", "10.8.0.1"));
}

TEST(HostList, AdmitsAnyPortBecauseTunnelsChangeIt) {
  EXPECT_TRUE(host_list{}.admits("127.0.0.1:9000", "127.0.0.1"));
}

TEST(HostList, AdmitsLocalhostOnLoopbackOnly) {
  const host_list list;
  EXPECT_TRUE(list.admits("localhost:8265", "127.0.0.1"));
  EXPECT_TRUE(list.admits("LOCALHOST", "::1"));
  EXPECT_FALSE(list.admits("localhost", "10.8.0.1"));
}

TEST(HostList, AdmitsConfiguredNamesInAnyCase) {
  const host_list list{{"Fabric.Example.org"}};
  EXPECT_TRUE(list.admits("fabric.example.ORG", "10.8.0.1"));
  EXPECT_FALSE(list.admits("x.fabric.example.org", "10.8.0.1"));
}

TEST(HostList, RefusesAStrangersName) {
  const host_list list{{"fabric.example.org"}};
  for (const auto* text : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "localhost.", "fabric.example.org.evil", ""})
    EXPECT_FALSE(list.admits(text, "127.0.0.1")) << text;
}

}  // namespace
}  // namespace fabric::dashboard
