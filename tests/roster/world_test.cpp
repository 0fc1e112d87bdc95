#include "tests/roster/world.hpp"

#include <gtest/gtest.h>

#include "tests/roster/mutants.hpp"

namespace fabric::roster {
namespace {

constexpr std::uint64_t worlds = 3000;

TEST(Worlds, EndEveryCallOnceAndNeverHaveTwoLivesOfAnActor) {
  select_mutant("");
  std::map<reason, std::size_t> reasons;
  std::vector<std::size_t> kinds(std::variant_size_v<command_type>);
  world::ends all;
  for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
    world w(seed);
    ASSERT_EQ(w.play(), "") << "seed " << seed;
    for (auto why : {reason::killed, reason::stopped, reason::failed, reason::not_made,
                     reason::host_lost, reason::restart_limit})
      reasons[why] += w.gone_for(why);
    for (std::size_t k = 0; k < kinds.size(); ++k) kinds[k] += w.commands_of(k);
    all.done += w.calls().done;
    all.dropped += w.calls().dropped;
    all.unknown += w.calls().unknown;
    all.dead_sent += w.calls().dead_sent;
    all.dead_unsent += w.calls().dead_unsent;
    all.repeated += w.calls().repeated;
  }
  // Worlds in which something never happens would prove little.
  for (const auto& [why, n] : reasons) EXPECT_GT(n, 100U) << static_cast<int>(why);
  for (std::size_t k = 0; k < kinds.size(); ++k) EXPECT_GT(kinds[k], 100U) << "command " << k;
  for (auto n : {all.done, all.dropped, all.unknown, all.dead_sent, all.dead_unsent, all.repeated})
    EXPECT_GT(n, 100U);
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
}  // namespace fabric::roster
