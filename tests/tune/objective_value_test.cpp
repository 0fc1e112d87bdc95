#include "actors/tune/objective_value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "actors/tune/search_mistakes.hpp"

namespace fabric::actors {
namespace {

using ::testing::HasSubstr;

value_rule rule(const std::string& text) {
  auto parsed = parse_value_rule(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : value_rule{};
}

/// What is read; not a number where nothing is.
double value(const std::string& output, const std::string& how) {
  const auto found = value_in(output, rule(how));
  return found ? *found : std::nan("");
}

std::string complaint(const std::string& output, const std::string& how) {
  const auto found = value_in(output, rule(how));
  return found ? "" : found.error().detail;
}

TEST(ValueByExpression, IsTheLastMatchOfTheLastLineThatHasOne) {
  const std::string output = "loss=9\nloss=3 loss=2\nbye\n\n";
  EXPECT_EQ(value(output, "regex:loss=([0-9]+)"), 2);
  EXPECT_EQ(value(output, "regex:^loss=([0-9]+)"), 3);
  EXPECT_EQ(value(output, "regex:[0-9]"), 2);
}

TEST(ValueByExpression, IsTheFirstGroup) {
  EXPECT_EQ(value("a=1 b=2", "regex:a=(\\d) b=(\\d)"), 1);
  EXPECT_EQ(value("a=1 b=2", "regex:(?:a|b)=(\\d)"), 2);
  EXPECT_THAT(complaint("b", "regex:(a)|b"), HasSubstr("is no number: ''"));
}

TEST(ValueByExpression, ReadsLinesOfAnyLengthWhole) {
  const std::string far = std::string(200'000, 'x') + " loss=4";
  EXPECT_EQ(value(far, "regex:loss=(.*)"), 4);
  EXPECT_EQ(value(far, "regex:(?:.|x)*loss=(\\d)"), 4);
  EXPECT_EQ(value(std::string(200'000, '1') + "\nv=7", "regex:(?:1*)*v=(\\d)"), 7);
}

TEST(ValueByExpression, TakesBytesThatAreNoText) {
  EXPECT_EQ(value("\xff\xfe loss=5 \xff", "regex:^.. loss=(\\d) .$"), 5);
  EXPECT_EQ(value(std::string("\0 loss=6", 8), "regex:loss=(\\d)"), 6);
  EXPECT_EQ(value("größe=8", "regex:größe=(\\d)"), 8);
}

TEST(ValueByExpression, MayMatchNothing) {
  EXPECT_THAT(complaint("abc", "regex:x*"), HasSubstr("is no number: ''"));
  EXPECT_THAT(complaint("abc", "regex:x"), HasSubstr("nothing in the output matches x"));
  EXPECT_THAT(complaint("", "regex:x*"), HasSubstr("nothing in the output matches"));
}

TEST(AnExpression, IsRefusedWithWhatIsWrongWithIt) {
  struct bad {
    std::string text, said;
  };
  for (const auto& [text, said] :
       {bad{"regex:(", "missing )"}, bad{"regex:(?=a)", "(?="}, bad{"regex:(a)\\1", "\\1"},
        bad{"regex:*", "no argument"}, bad{"regex:[z-a]", "z-a"}}) {
    const auto parsed = parse_value_rule(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, fault_code::usage);
    EXPECT_THAT(parsed.error().detail, HasSubstr(said));
    EXPECT_THAT(parsed.error().hint, HasSubstr("RE2"));
  }
  EXPECT_THAT(parse_value_rule("regex:").error().detail, HasSubstr("no expression"));
}

TEST(ValueOfTheLastLine, IsOneNumber) {
  EXPECT_EQ(value("1\n 2.5e-1 \r\n\n", "last-line"), 0.25);
  EXPECT_EQ(value("+3", "last-line"), 3);
  EXPECT_THAT(complaint("3 s", "last-line"), HasSubstr("'3 s'"));
  EXPECT_THAT(complaint(" \n", "last-line"), HasSubstr("printed nothing"));
}

TEST(ValueOfTheLastLine, IsZeroWhereItIsTooSmallAndNoneWhereItIsTooLarge) {
  EXPECT_EQ(value("1e-400", "last-line"), 0);
  EXPECT_EQ(value("-0." + std::string(400, '0') + "1", "last-line"), 0);
  EXPECT_EQ(value("1e-5000", "last-line"), 0);
  EXPECT_EQ(value("4.9e-324", "last-line"), 4.9e-324);
  EXPECT_EQ(value("{\"a\": 1e-400}", "json:/a"), 0);
  for (const auto* large : {"1e400", "-1e400", "1e5000"}) {
    const auto found = value_in(large, {});
    ASSERT_FALSE(found) << large;
    EXPECT_EQ(found.error().code, fault_code::too_large) << "the rule itself is right";
    EXPECT_THAT(found.error().detail, HasSubstr("is too large a number: '"));
  }
}

TEST(ValueOfAnEvaluation, MayBeNoFiniteNumber) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (const auto* how : {"last-line", "regex:(\\S+)$"}) {
    EXPECT_TRUE(std::isnan(value_in("nan", rule(how)).value())) << how;
    EXPECT_EQ(value_in("-inf", rule(how)).value(), -infinite) << how;
  }
  EXPECT_TRUE(std::isnan(value_in("{\"loss\": NaN}", rule("json:/loss")).value()));
  EXPECT_EQ(value("{\"loss\": Infinity}", "json:/loss"), infinite);
}

TEST(ValueByPointer, IsOfTheLastLineThatIsADocument) {
  EXPECT_EQ(value("{\"m\": 1}\n{\"m\": 2}\nbye", "json:/m"), 2);
  EXPECT_EQ(value("{\n \"m\": [4]\n}", "json:/m/0"), 4);
  EXPECT_THAT(complaint("{\"m\": \"4\"}", "json:/m"), HasSubstr("is no number"));
  EXPECT_THAT(complaint("{}", "json:/m"), HasSubstr("nothing at /m"));
}

tuner::finding found(const std::string& output, std::size_t objectives,
                     std::initializer_list<const char*> values,
                     std::initializer_list<const char*> constraints = {}) {
  output_rules rules{.objectives = objectives};
  rules.values.clear();
  for (const auto* each : values) rules.values.push_back(rule(each));
  for (const auto* each : constraints) rules.constraints.push_back(rule(each));
  auto made = finding_in(output, rules);
  if (!made) ADD_FAILURE() << made.error().detail;
  return made ? *made : tuner::finding{};
}

std::string complaint(const std::string& output, std::size_t objectives, const char* how) {
  const auto made = finding_in(output, {objectives, {rule(how)}, {}});
  return made ? "" : made.error().detail;
}

using numbers = std::vector<double>;

TEST(SeveralValues, StandInTheLastLineBetweenBlanksOrCommas) {
  for (const auto* line : {"0.5 12", "0.5, 12", "(0.5, 12)", "[0.5,12]", " 0.5\t+12 \r"})
    EXPECT_EQ(found(std::string("x\n") + line + "\n", 2, {"last-line"}).values, (numbers{0.5, 12}))
        << line;
  EXPECT_EQ(complaint("0.5 twelve", 2, "last-line"),
            "the last line of the output is no number: 'twelve'");
  EXPECT_EQ(complaint("0.5 12", 1, "last-line"),
            "the last line of the output is no number: '0.5 12'");
}

TEST(SeveralValues, AreGivenAsFoundWhateverTheirNumber) {
  EXPECT_EQ(found("1 2 3", 2, {"last-line"}).values, (numbers{1, 2, 3}));
  EXPECT_EQ(found("1", 2, {"last-line"}).values, (numbers{1}));
}

TEST(SeveralValues, AreTheGroupsOfOneExpression) {
  EXPECT_EQ(found("loss=1 ms=2\nloss=3 ms=4", 2, {"regex:loss=(\\d) ms=(\\d)"}).values,
            (numbers{3, 4}));
  EXPECT_EQ(found("7 8 9", 2, {"regex:(\\d) (\\d) (\\d)"}).values, (numbers{7, 8}));
}

TEST(SeveralValues, AreOneListOfAJsonDocument) {
  EXPECT_EQ(found("{\"v\": [1, 2.5]}", 2, {"json:/v"}).values, (numbers{1, 2.5}));
  EXPECT_EQ(complaint("{\"v\": [1, \"a\"]}", 2, "json:/v"),
            "the JSON output's /v is no list of numbers");
  EXPECT_EQ(complaint("{\"v\": [1, 2]}", 1, "json:/v"), "the JSON output's /v is no number");
}

TEST(SeveralValues, MayBeNoFiniteNumbers) {
  const auto made = found("{\"v\": [1, -Infinity]}\n", 2, {"json:/v"}).values;
  EXPECT_EQ(made, (numbers{1, -std::numeric_limits<double>::infinity()}));
}

TEST(SeveralValues, EachHaveARuleOfTheirOwn) {
  EXPECT_EQ(found("t=5\n{\"loss\": 1}", 2, {"json:/loss", "regex:t=(\\d)"}).values,
            (numbers{1, 5}));
}

TEST(ConstraintValues, AreReadBesideTheValues) {
  const auto made = found("{\"loss\": 1, \"over\": -3}\n", 1, {"json:/loss"},
                          {"json:/over", "regex:over.: (-?\\d)"});
  EXPECT_EQ(made.values, (numbers{1}));
  EXPECT_EQ(made.constraints, (numbers{-3, -3}));
  const auto missing = finding_in("1", {.constraints = {rule("json:/over")}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().detail, "the output holds no JSON document");
}

TEST(SearchMistakes, QuoteTheRuleAndALineOfTheOutput) {
  output_rules rules;
  rules.values = {*parse_value_rule("regex:loss=(\\S+)")};
  const auto output = "epoch 1\naccuracy 0.93\n";
  const auto lack = finding_in(output, rules);
  ASSERT_FALSE(lack);
  EXPECT_EQ(to_line(no_values(lack.error(), output)),
            "USAGE: no result has what the search looks for: nothing in the output matches "
            "loss=(\\S+); the last line is 'accuracy 0.93'; the search ends, and its trials are "
            "given back; mend --value 'regex:loss=(\\S+)', and go on with --load-if-exists");
  const auto words = finding_in("no number\n", {});
  EXPECT_EQ(no_values(words.error(), "no number\n").detail.find("last line is '"),
            std::string::npos)
      << "it is quoted once";
}

}  // namespace
}  // namespace fabric::actors
