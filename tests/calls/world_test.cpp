#include <gtest/gtest.h>

#include <map>

#include "tests/calls/mutants.hpp"
#include "tests/calls/world.hpp"

namespace fabric::calls {
namespace {

constexpr std::uint64_t worlds = 3000;

TEST(Worlds, FinishEveryCallOnceAndNeverRunTwoAttemptsAtATime) {
  select_mutant("");
  std::map<ending, std::size_t> ends;
  std::vector<std::size_t> kinds(std::variant_size_v<command_type>);
  for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
    world w(seed);
    ASSERT_EQ(w.play(), "") << "seed " << seed;
    for (auto how : {ending::succeeded, ending::failed, ending::lost, ending::cancelled,
                     ending::timed_out, ending::expired, ending::dependency_failed})
      ends[how] += w.seen().finished_as(how);
    for (std::size_t k = 0; k < kinds.size(); ++k) kinds[k] += w.commands_of(k);
  }
  // Worlds in which something never happens would prove little.
  for (const auto& [how, n] : ends) EXPECT_GT(n, 100U) << static_cast<int>(how);
  for (std::size_t k = 0; k < kinds.size(); ++k) EXPECT_GT(kinds[k], 100U) << "command " << k;
}

TEST(Worlds, FindEachPlantedBug) {
  for (const auto& bug : planted_bugs()) {
    select_mutant(bug.name);
    std::string found;
    std::uint64_t seed = 0;
    while (found.empty() && seed < worlds) found = world(++seed).play();
    EXPECT_FALSE(found.empty()) << bug.name << " lives: " << bug.breaks;
    RecordProperty(std::string(bug.name), found + ", seed " + std::to_string(seed));
  }
  select_mutant("");
}

}  // namespace
}  // namespace fabric::calls
