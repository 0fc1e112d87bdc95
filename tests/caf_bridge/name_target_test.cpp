#include "actors/caf_bridge/name_target.hpp"

#include <gtest/gtest.h>

/// What stands behind names of actors.
namespace fabric::actors {
namespace {

TEST(NameTargets, ComeBackAsTheyWere) {
  for (const auto& one : {name_target{7, {}}, name_target{~0ULL, {"a", "b"}}})
    EXPECT_EQ(name_target_of(to_bytes(one)), one);
}

TEST(NameTargets, OfOthersAreNone) {
  const auto whole = to_bytes({7, {"takes this"}});
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_FALSE(name_target_of(whole.substr(0, n))) << n;
  EXPECT_FALSE(name_target_of(whole + "x"));
  EXPECT_FALSE(name_target_of("anything"));
  EXPECT_FALSE(name_target_of(to_bytes({0, {}}))) << "no actor has the number 0";
}

TEST(NameTargets, AreOfAWantedTypeWhereTheyTakeAllOfIt) {
  EXPECT_FALSE(mismatch({}, {}));
  EXPECT_FALSE(mismatch({"a", "b"}, {"b"}));
  EXPECT_EQ(mismatch({"a", "b"}, {"b", "c"}), "it does not take c");
  EXPECT_TRUE(mismatch({"a"}, {})) << "typed, and an untyped one is wanted";
  EXPECT_TRUE(mismatch({}, {"a"}));
}

}  // namespace
}  // namespace fabric::actors
