#include "actors/tune/trial_command.hpp"

#include <gtest/gtest.h>

namespace fabric::actors {
namespace {

tuner::space space_of(std::initializer_list<const char*> texts) {
  std::vector<tuner::parameter> parameters;
  for (const auto* text : texts) parameters.push_back(tuner::parse_parameter(text).value());
  return tuner::space::make(std::move(parameters)).value();
}

TEST(Parameters, AreNotCalledAsThePlaceholderOfTheNumber) {
  const auto refused = check_names(space_of({"x=int(1,2)", "trial=int(1,2)"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, fault_code::usage);
  EXPECT_NE(refused.error().detail.find("{trial}"), std::string::npos);
  EXPECT_TRUE(check_names(space_of({"trials=int(1,2)", "index=int(1,2)"})));
}

TEST(TrialsWork, HasThePointAndTheNumberInItsWords) {
  const auto over = space_of({"x=int(1,9)"});
  const auto work = work_for({.argv = {"run", "{x}", "{trial}", "${x}"}}, over, {4}, 7);
  EXPECT_EQ(work.argv, (std::vector<std::string>{"run", "5", "7", "${x}"}));
}

}  // namespace
}  // namespace fabric::actors
