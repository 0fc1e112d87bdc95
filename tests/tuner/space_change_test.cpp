#include "scheduler/tuner/space_change.hpp"

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

std::string change(std::initializer_list<std::string_view> was,
                   std::initializer_list<std::string_view> now) {
  const auto answer = check_change(a_space(was).parameters(), a_space(now).parameters());
  if (answer) return "fits";
  EXPECT_EQ(answer.error().code, fault_code::usage);
  return answer.error().detail;
}

TEST(SpaceChange, TakesOtherRangesStepsLogsConditionsAndParameters) {
  EXPECT_EQ(change({"x=int(1,9)"}, {"x=int(0,100,step=5)"}), "fits");
  EXPECT_EQ(change({"x=int(1,9)"}, {"x=int(1,9,log)"}), "fits");
  EXPECT_EQ(change({"x=float(0,1)"}, {"x=float(0.5,9,step=0.5)"}), "fits");
  EXPECT_EQ(change({"x=int(1,9)"}, {"y=int(1,9)"}), "fits");
  EXPECT_EQ(change({"o=choice(a,b)", "x=int(1,9)"}, {"o=choice(a,b)", "x=int(1,9) if o=a"}),
            "fits");
}

TEST(SpaceChange, RefusesAnotherKindOrOtherChoicesWithBothDeclarations) {
  EXPECT_EQ(change({"x=int(1,9)"}, {"y=int(1,2)", "x=float(1,9)"}),
            "parameter x: a study cannot change its kind: it was declared x=int(1,9), now "
            "x=float(1,9)");
  EXPECT_EQ(change({"x=int(1,3)"}, {"x=choice(1,2,3)"}),
            "parameter x: a study cannot change its kind: it was declared x=int(1,3), now "
            "x=choice(1,2,3)");
  for (const auto* other : {"o=choice(a,b,c)", "o=choice(b,a)"})
    EXPECT_EQ(
        change({"o=choice(a,b)"}, {other}),
        "parameter o: a study cannot change its choices: it was declared o=choice(a,b), now " +
            std::string{other});
}

}  // namespace
}  // namespace fabric::tuner
