#include "scheduler/tuner/findings.hpp"

#include <gtest/gtest.h>

namespace fabric::tuner {
namespace {

TEST(Findings, AreReadBackAsTheyWereAdded) {
  findings all(2);
  const finding plain{{1, 2}, {}};
  const finding bound{{3, 4}, {-1, 0, 5}};
  const auto first = all.add(plain);
  const auto second = all.add(bound);
  const auto third = all.add(plain);
  EXPECT_EQ(all.at(first), plain);
  EXPECT_EQ(all.at(second), bound);
  EXPECT_EQ(all.at(third), plain);
}

TEST(Findings, WithoutValuesAreNowhere) {
  findings all(1);
  EXPECT_EQ(all.add({{}, {7}}), findings::nowhere);
  EXPECT_EQ(all.at(findings::nowhere), finding{});
}

}  // namespace
}  // namespace fabric::tuner
