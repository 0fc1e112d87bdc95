#include <gtest/gtest.h>

#include <string>

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

struct refused_text {
  std::string text;
  std::string detail;  ///< a part of the fault
};

class RefusedParameter : public testing::TestWithParam<refused_text> {};

TEST_P(RefusedParameter, NamesTheParameterAndQuotesWhatIsWrong) {
  const auto p = parse_parameter(GetParam().text);
  ASSERT_FALSE(p) << to_string(*p);
  EXPECT_EQ(p.error().code, fault_code::usage);
  EXPECT_NE(p.error().detail.find(GetParam().detail), std::string::npos) << p.error().detail;
  EXPECT_FALSE(p.error().hint.empty());
  EXPECT_EQ(p.error().detail.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Ranges, RefusedParameter,
    testing::Values(
        refused_text{"x", "\"x\" is no parameter"}, refused_text{"", "no parameter"},
        refused_text{"=int(1,2)", "\"\" is no parameter name"},
        refused_text{"2x=int(1,2)", "\"2x\" is no parameter name"},
        refused_text{"a b=int(1,2)", "\"a b\" is no parameter name"},
        refused_text{"a\nb=int(1,2)", "\"a\\nb\" is no parameter name"},
        refused_text{std::string(65, 'x') + "=int(1,2)", "is no parameter name"},
        refused_text{"optim/lr=int(1,2)", "\"optim/lr\" is no parameter name without quotes"},
        refused_text{"\"\"=int(1,2)", "\"\" is no parameter name"},
        refused_text{"\"a\\nb\"=int(1,2)", "\"a\\nb\" is no parameter name"},
        refused_text{"\"a=int(1,2)", "does not begin with a name in quotes"},
        refused_text{"\"a\" int(1,2)", "it has no '='"},
        refused_text{"\"a b\"=int(2,1)", "parameter \"a b\": the range from 2 to 1 is empty"},
        refused_text{"\"" + std::string(513, 'x') + "\"=int(1,2)", "is no parameter name"},
        refused_text{"x=1", "parameter x: \"1\" has no '('"},
        refused_text{"x=int(1,2", "parameter x: \"int(1,2\" does not end with ')'"},
        refused_text{"x=int(1,2) 3", "does not end with ')'"},
        refused_text{"x=real(1,2)", "parameter x: \"real\" is no kind"},
        refused_text{"x=int(1)", "parameter x: a range needs a low and a high, not \"1\""},
        refused_text{"x=int()", "a range needs a low and a high"},
        refused_text{"x=int(1,)", "\"\" is no whole number"},
        refused_text{"x=int(2,1)", "parameter x: the range from 2 to 1 is empty"},
        refused_text{"x=int(1.5,2)", "\"1.5\" is no whole number"},
        refused_text{"x=int(1,1e3)", "\"1e3\" is no whole number"},
        refused_text{"x=int(0,9223372036854775808)",
                     "\"9223372036854775808\" does not fit into 64 bits"},
        refused_text{"x=int(1,2,step=0)", "the step 0 is not positive"},
        refused_text{"x=int(1,2,step=-1)", "the step -1 is not positive"},
        refused_text{"x=int(0,2,log)", "log needs a low of 1 or more, not 0"},
        refused_text{"x=int(1,9,log,step=2)", "log and a step exclude each other"},
        refused_text{"x=int(1,9,step=1,step=1)", "\"step=1\" is given twice"},
        refused_text{"x=int(1,9,log,log)", "\"log\" is given twice"},
        refused_text{"x=int(1,9,stepp=1)", "\"stepp=1\" is no option"},
        refused_text{"x=int(1,9,step)", "\"step\" is no option"},
        refused_text{"x=int(1,9,log=1)", "\"log=1\" is no option"},
        refused_text{"x=int(1,9,)", "\"\" is no option"},
        refused_text{"x=float(1,0)", "the range from 1 to 0 is empty"},
        refused_text{"x=float(nan,1)", "\"nan\" is no finite number"},
        refused_text{"x=float(0,inf)", "\"inf\" is no finite number"},
        refused_text{"x=float(0,1e999)", "\"1e999\" is outside the range of a double"},
        refused_text{"x=float(0,1,log)", "log needs a low above 0, not 0"},
        refused_text{"x=float(0,1,step=0)", "the step 0 is not positive"},
        refused_text{"x=float(0,1,step=-0.1)", "the step -0.1 is not positive"},
        refused_text{"x=float(1,2,step=0.1,log)", "log and a step exclude each other"},
        refused_text{"x=float(0,1e10,step=1e-10)", "needs more digits than doubles keep apart"},
        refused_text{"x=float(1e20,2e20,step=1)", "needs more digits than doubles keep apart"},
        refused_text{"x=float(0,1e-301,step=1e-302)", "cannot be finer than 1e-300"}));

INSTANTIATE_TEST_SUITE_P(
    Choices, RefusedParameter,
    testing::Values(refused_text{"x=choice()", "parameter x: a choice is empty"},
                    refused_text{"x=choice(a,,b)", "a choice is empty"},
                    refused_text{"x=choice(a,)", "a choice is empty"},
                    refused_text{"x=choice(a,b,a)", "the choice \"a\" is given twice"},
                    refused_text{"x=choice(1,01,1)", "given twice"},
                    refused_text{"x=choice(1.0,1.00)", "given twice"},
                    refused_text{"x=choice(a b)", "a comma is missing before \"b\""},
                    refused_text{"x=choice('a)", "the quote before \"a\" is not closed"},
                    refused_text{"x=choice(\"a)", "is not closed"},
                    refused_text{"x=choice(\"a\\)", "is not closed"},
                    refused_text{"x=choice(\"\\q\")", "is no JSON string"},
                    refused_text{"x=choice(\"\\ud800\")", "is no JSON string"},
                    refused_text{"x=choice(\"\\u0000\")", "is no JSON string"},
                    refused_text{"x=choice([1,2)", "\"[1,2\" is no JSON value"},
                    refused_text{"x=choice([1,2],[1, 2])", "is given twice"},
                    refused_text{"x=choice(float(nan),float(nan))", "is given twice"},
                    refused_text{"x=choice({\"a\":1,\"a\":2})", "is no JSON value"},
                    refused_text{"x=choice(f(1))", "\"f(1)\" has brackets"},
                    refused_text{"x=choice(\xff)", "is not UTF-8"},
                    refused_text{"x=choice(99999999999999999999)", "is too large a number"},
                    refused_text{"x=choice('" + std::string(5000, 'a') + "')", "is too long"}));

TEST(ParameterParser, AcceptsSpacesAroundEveryPart) {
  EXPECT_EQ(parse_parameter("  x = int ( 10 , 60 , step = 5 ) ").value(),
            parse_parameter("x=int(10,60,step=5)").value());
  EXPECT_EQ(parse_parameter("x=choice( a ,\t'b c' )").value(),
            parse_parameter("x=choice(a,'b c')").value());
  EXPECT_EQ(parse_parameter("lr=float(1e-5, 1e-1, log)").value(),
            parse_parameter("lr=float(0.00001,0.1,log)").value());
}

TEST(ParameterParser, ChoicesAreJsonScalars) {
  const auto p =
      parse_parameter(R"(x=choice(adam,3,-0,2.50,1e3,true,null,'a b',"q\"\u00e9","3",01,''))")
          .value();
  const std::vector<std::string> expected = {
      "\"adam\"",          "3",     "0",      "2.5", "1000.0", "true", "null", "\"a b\"",
      "\"q\\\"\xc3\xa9\"", "\"3\"", "\"01\"", "\"\""};
  EXPECT_EQ(std::get<category>(p.over).choices, expected);
}

TEST(ParameterParser, ReadsBackItsOwnSpelling) {
  for (const auto* text :
       {"x=int(10,60,step=5)", "n=int(1,1024,log)",
        "x=int(-9223372036854775808,9223372036854775807)", "lr=float(1e-05,0.1,log)",
        "p=float(0,1,step=0.1)", "q=float(-1.5,1e+300)", "o=choice(adam,sgd)",
        R"(o=choice("a b",3,true,null,"3","","it's","tab\t","(",2.5,a=b))", "a.b-c_1=float(1,1)",
        R"("optim/lr"=float(1e-05,0.1,log))", R"("a \"(=\\"=int(1,2))", R"("0"=int(1,2))",
        R"("größe"=int(1,2) if "opt im" in (a,"b c"))", R"(x=int(1,2) if "="=[1,2])",
        R"(o=choice([1,"a(b"],[],{"a":[1.5,null],"b":"]"},float(nan),float(-inf),NaN,nan) if p=1)",
        "e=float(0.3333333333333333,2,step=0.14285714285714285)"}) {
    const auto p = parse_parameter(text);
    ASSERT_TRUE(p) << text << ": " << p.error().detail;
    EXPECT_EQ(to_string(*p), text);
    EXPECT_EQ(parse_parameter(to_string(*p)).value(), *p);
  }
}

TEST(ParameterParser, CountsChoicesUpToTheBound) {
  std::string text = "x=choice(0";
  for (std::size_t i = 1; i < choices_max; ++i) text += ',' + std::to_string(i);
  EXPECT_TRUE(parse_parameter(text + ')'));
  EXPECT_FALSE(parse_parameter(text + ",one_more)"));
}

}  // namespace
}  // namespace fabric::tuner
