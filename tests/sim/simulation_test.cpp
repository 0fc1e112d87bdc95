#include "tests/sim/simulation.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/sim/mutants.hpp"

namespace fabric::sim {
namespace {

constexpr std::uint64_t seeds = 400;
constexpr std::uint64_t mutant_seeds_max = 3000;

TEST(Simulation, EverySeedKeepsEveryPromise) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto v = simulate({seed});
    ASSERT_EQ(v.finding, "") << "replay: fabric-sim --verbose --seed " << seed;
  }
}

TEST(Simulation, TheSameSeedPlaysTheSameWorld) {
  for (const std::uint64_t seed : {3, 17}) {
    const auto once = simulate({seed});
    const auto again = simulate({seed});
    EXPECT_EQ(once.happenings, again.happenings);
    EXPECT_EQ(once.packets.sent, again.packets.sent);
    EXPECT_EQ(once.runs, again.runs);
    EXPECT_EQ(once.lasted, again.lasted);
  }
}

class PlantedBug : public ::testing::TestWithParam<planted_bug> {
 protected:
  void TearDown() override { select_mutant(""); }
};

TEST_P(PlantedBug, IsFound) {
  ASSERT_TRUE(select_mutant(GetParam().name));
  for (std::uint64_t seed = 1; seed <= mutant_seeds_max; ++seed)
    if (!simulate({seed}).finding.empty()) return;
  FAIL() << "nothing notices that this rule is broken: " << GetParam().rule;
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedBug, ::testing::ValuesIn(planted_bugs()),
                         [](const auto& bug) { return std::string(bug.param.name); });

}  // namespace
}  // namespace fabric::sim
