#include "scheduler/tuner/samplers/parameter_groups.hpp"

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

using indices = std::vector<std::size_t>;

TEST(ParameterGroups, AreOneWithoutConditions) {
  const auto groups = groups_of(a_space({"x=int(1,2)", "y=int(1,2)"}).tree());
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].members, (indices{0, 1}));
  EXPECT_TRUE(groups[0].above.empty());
}

TEST(ParameterGroups, HoldWhatHasTheSameConditionAfterWhatTheyHangOn) {
  const auto s = a_space({"opt=choice(adam,sgd)", "m=int(0,3) if opt=sgd", "lr=float(0,1)",
                          "n=int(0,1) if m in (2,3)", "b=float(0,1) if opt=adam",
                          "w=int(0,1) if opt in (sgd)", "k=int(0,1) if m>=2"});
  const auto groups = groups_of(s.tree());
  ASSERT_EQ(groups.size(), 5u);
  EXPECT_EQ(groups[0].members, (indices{0, 2}));
  EXPECT_EQ(groups[1].members, (indices{1, 5}));
  EXPECT_EQ(groups[1].above, (indices{0, 2}));
  EXPECT_EQ(groups[2].members, (indices{3}));
  EXPECT_EQ(groups[2].above, (indices{0, 2, 1, 5}));
  EXPECT_EQ(groups[3].members, (indices{4}));
  EXPECT_EQ(groups[4].members, (indices{6}));
}

}  // namespace
}  // namespace fabric::tuner
