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

using words = std::vector<std::string>;

TEST(TrialsWork, HasVariablesOfPlainNamesAndPlaceholdersOfAll) {
  const auto over = space_of({"\"optim/lr\"=int(1,9)", "\"0\"=int(1,9)", "y=int(1,9)"});
  const words typed = {"run",   "--lr={optim/lr}", "{0}{1}",        "{y",
                       "{ {y}", "{a b}",           "awk {print}{y}"};
  ASSERT_FALSE(check_placeholders(typed, over)) << "{print} looks like one";
  const words argv(typed.begin(), typed.end() - 1);
  ASSERT_TRUE(check_placeholders(argv, over));
  const auto work = work_for({.argv = argv}, over, {4, 5, 6}, 0);
  EXPECT_EQ(work.argv, (words{"run", "--lr=5", "6{1}", "{y", "{ 7", "{a b}"}));
  ASSERT_EQ(work.env.size(), 2U);
  EXPECT_EQ(work.env[0], (std::pair<std::string, std::string>{"FABRIC_PARAM_y", "7"}));
  EXPECT_EQ(work.env[1].second, R"({"optim/lr":5,"0":6,"y":7})");
}

TEST(TrialsWork, LeavesOutWhatThePointLeavesOut) {
  const auto over = space_of({"opt=choice(adam,sgd)", "m=int(0,2) if opt=sgd"});
  const transport::command_work pattern = {
      .argv = {"run", "--m={m}", "-x={m}", "--both={opt}{m}", "{m}", "sh {opt} [{m}]"}};
  const auto adam = work_for(pattern, over, {0, tuner::inactive}, 7);
  EXPECT_EQ(adam.argv, (words{"run", "--both=adam", "", "sh adam []"}));
  for (const auto& [name, value] : adam.env) EXPECT_NE(name, "FABRIC_PARAM_m");
  EXPECT_EQ(adam.env.back().second, R"({"opt":"adam"})");
  const auto sgd = work_for(pattern, over, {1, 2}, 8);
  EXPECT_EQ(sgd.argv, (words{"run", "--m=2", "-x=2", "--both=sgd2", "2", "sh sgd [2]"}));
}

TEST(Placeholders, OfConditionsAreNotTheNextWordOfAnOption) {
  const auto over = space_of({"opt=choice(adam,sgd)", "m=int(0,2) if opt=sgd"});
  EXPECT_TRUE(check_placeholders({"run", "--m={m}", "{m}", "--", "{m}", "--opt", "{opt}"}, over));
  const auto refused = check_placeholders({"run", "--m", "{m}"}, over);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "'--m {m}' would have no value where m is left out");
  EXPECT_EQ(refused.error().hint,
            "write --m={m}, which is left out with it, or read $FABRIC_PARAM_m");
}

}  // namespace
}  // namespace fabric::actors
