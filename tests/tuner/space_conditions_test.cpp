#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "tests/tuner/conditional_spaces.hpp"

namespace fabric::tuner {
namespace {

result<space> declared(std::initializer_list<std::string_view> declarations) {
  std::vector<parameter> parameters;
  for (const auto text : declarations) {
    auto p = parse_parameter(text);
    if (!p) return p.error();
    parameters.push_back(*std::move(p));
  }
  return space::make(std::move(parameters));
}

std::string fault_of(std::initializer_list<std::string_view> declarations) {
  const auto made = declared(declarations);
  if (made) return "none";
  EXPECT_EQ(made.error().code, fault_code::usage);
  EXPECT_FALSE(made.error().hint.empty());
  EXPECT_EQ(made.error().detail.find('\n'), std::string::npos);
  return made.error().detail;
}

TEST(Condition, ReadsBackItsOwnSpelling) {
  for (const auto* text :
       {"m=float(0,1) if opt=sgd", "u=int(16,256,log) if layers in (2,3)", "u=int(1,2) if n>=2",
        "u=choice(a,b) if n<=-2", R"(u=int(1,2) if o="a b")", R"(u=int(1,2) if o in ("3",3,true))",
        R"-(c=choice("x) if o=1",")") if o=")")-", R"(u=int(1,2) if o="=x")",
        "u=float(0,1,step=0.1) if p=0.3", "if=int(1,2) if in=2", "u=int(1,2) if in in (1,2)"}) {
    const auto p = parse_parameter(text);
    ASSERT_TRUE(p) << text << ": " << p.error().detail;
    EXPECT_TRUE(p->only_if) << text;
    EXPECT_EQ(to_string(*p), text);
    EXPECT_EQ(parse_parameter(to_string(*p)).value(), *p);
  }
}

TEST(Condition, TakesSpacesTwoEqualsSignsAndListsOfOne) {
  const auto plain = parse_parameter("u=int(1,2) if n=3").value();
  for (const auto* text : {"u=int(1,2)if n=3", " u = int(1,2)  if  n == 3 ",
                           "u=int(1,2) if n in (3)", "u=int(1,2) if n in( 3 )"})
    EXPECT_EQ(parse_parameter(text).value(), plain) << text;
  EXPECT_NE(parse_parameter("u=int(1,2) if n='3'").value(), plain);
}

TEST(Condition, IsRefusedWithTheParameterAndTheReason) {
  EXPECT_EQ(fault_of({"u=int(1,2) if"}), "parameter u: \"\" is no condition");
  EXPECT_EQ(fault_of({"u=int(1,2) if n"}), "parameter u: \"n\" is no condition");
  EXPECT_EQ(fault_of({"u=int(1,2) if n!=2"}), "parameter u: \"n!=2\" is no condition");
  EXPECT_EQ(fault_of({"u=int(1,2) if n="}), "parameter u: the condition \"n=\" has not one value");
  EXPECT_EQ(fault_of({"u=int(1,2) if n=1 and m=2"}),
            "parameter u: the condition \"n=1 and m=2\" has not one value");
  EXPECT_EQ(fault_of({"u=int(1,2) if n in (1,2) and m=2"}),
            "parameter u: the condition \"n in (1,2) and m=2\" does not end with ')'");
  EXPECT_EQ(fault_of({"u=int(1,2) if n in ()"}), "parameter u: a choice is empty");
  EXPECT_EQ(fault_of({"u=int(1,2) iffy"}), "parameter u: \"int(1,2) iffy\" does not end with ')'");
  EXPECT_EQ(fault_of({"u=int(1,2) if 2x=1"}),
            "parameter u: its condition is on \"2x\", which is no parameter name without quotes");
}

TEST(Condition, NeedsAnEarlierParentThatHasTheValue) {
  EXPECT_EQ(fault_of({"m=float(0,1) if opt=sgd"}),
            "parameter m: its condition is on \"opt\", which is no parameter");
  EXPECT_EQ(fault_of({"m=float(0,1) if opt=sgd", "opt=choice(adam,sgd)"}),
            "parameter m: its condition is on opt, which is declared later");
  EXPECT_EQ(fault_of({"m=int(0,1) if m=1"}),
            "parameter m: its condition goes round in a circle: m hangs on m");
  EXPECT_EQ(fault_of({"a=int(0,1) if b=1", "b=int(0,1) if a=1"}),
            "parameter a: its condition goes round in a circle: a hangs on b, which hangs on a");
  EXPECT_EQ(fault_of({"lr=float(0,1)", "m=int(0,1) if lr=1"}),
            "parameter m: its condition is on lr, whose values cannot be counted");
  EXPECT_EQ(fault_of({"opt=choice(adam,sgd)", "m=int(0,1) if opt=sgdd"}),
            "parameter m: its condition's value sgdd is none of opt=choice(adam,sgd)");
  EXPECT_EQ(fault_of({"n=int(1,4)", "m=int(0,1) if n in (4,5)"}),
            "parameter m: its condition's value 5 is none of n=int(1,4)");
  EXPECT_EQ(fault_of({"n=int(1,9,step=2)", "m=int(0,1) if n>=4"}),
            "parameter m: its condition's value 4 is none of n=int(1,9,step=2)");
  EXPECT_EQ(fault_of({"n=int(1,4)", "m=int(0,1) if n=two"}),
            "parameter m: its condition's value two is none of n=int(1,4)");
  EXPECT_EQ(fault_of({"n=int(1,4)", "m=int(0,1) if n in (2,2.0)"}),
            "parameter m: its condition names a value twice");
  EXPECT_EQ(fault_of({"opt=choice(adam,sgd)", "m=int(0,1) if opt>=sgd"}),
            "parameter m: the choices of opt have no order");
}

TEST(Condition, FindsFloatsByTheirDecimals) {
  const auto s = a_space({"p=float(0,1,step=0.1)", "m=int(0,1) if p=0.3"});
  EXPECT_EQ(s.size(), 12u);
  EXPECT_EQ(s.json_of(s.at(4)), R"({"p":0.3,"m":1})");
}

TEST(ConditionalSpace, CountsAndNumbersThePointsThatThereAre) {
  const auto s = a_space(
      {"opt=choice(adam,sgd)", "m=int(0,2) if opt=sgd", "n=choice(y,z) if m>=1", "last=int(0,1)"});
  ASSERT_EQ(s.size(), 12u);  // (adam, sgd with m 0, two of m 1, two of m 2) times 2
  EXPECT_EQ(s.json_of(s.at(0)), R"({"opt":"adam","last":0})");
  EXPECT_EQ(s.json_of(s.at(1)), R"({"opt":"adam","last":1})");
  EXPECT_EQ(s.json_of(s.at(2)), R"({"opt":"sgd","m":0,"last":0})");
  EXPECT_EQ(s.json_of(s.at(4)), R"({"opt":"sgd","m":1,"n":"y","last":0})");
  EXPECT_EQ(s.json_of(s.at(11)), R"({"opt":"sgd","m":2,"n":"z","last":1})");
  EXPECT_EQ(s.text_of(s.at(0), 1), "");
  EXPECT_EQ(s.text_of(s.at(4), 1), "1");
}

TEST(ConditionalSpace, AgreesWithAListOfItsPoints) {
  draws chance(1, 0);
  for (int i = 0; i < 500; ++i) {
    const auto s = a_conditional_space(chance);
    const auto all = every_point(s);
    ASSERT_EQ(s.size(), all.size());
    std::set<std::string> keys;
    std::set<std::string> texts;
    for (std::uint64_t rank = 0; rank < all.size(); ++rank) {
      ASSERT_EQ(s.at(rank), all[rank]);
      ASSERT_EQ(s.rank_of(all[rank]), rank);
      ASSERT_TRUE(s.contains(all[rank]));
      ASSERT_EQ(s.trimmed(all[rank]), all[rank]);
      keys.insert(canonical_key(s, all[rank]));
      texts.insert(s.json_of(all[rank]));
    }
    EXPECT_EQ(keys.size(), all.size());
    EXPECT_EQ(texts.size(), all.size());
  }
}

TEST(ConditionalSpace, HoldsNoPointThatHasTooMuchOrTooLittle) {
  const auto s = a_space({"opt=choice(adam,sgd)", "m=int(0,2) if opt=sgd"});
  EXPECT_TRUE(s.contains({0, inactive}));
  EXPECT_FALSE(s.contains({0, 1}));
  EXPECT_FALSE(s.contains({1, inactive}));
  EXPECT_FALSE(s.contains({1, 3}));
  EXPECT_EQ(s.trimmed({0, 1}), (point{0, inactive}));
}

TEST(ConditionalSpace, OfManyPointsCostsNoTable) {
  const auto s = a_space(
      {"n=int(1,1000000)", "a=int(1,1000000) if n>=500001", "b=int(0,1) if a in (7,1000000)"});
  ASSERT_EQ(s.size(), 500'000 + 500'000 * std::uint64_t{1'000'002});
  const auto last = s.at(*s.size() - 1);
  EXPECT_EQ(s.json_of(last), R"({"n":1000000,"a":1000000,"b":1})");
  for (std::uint64_t rank = 1; rank < *s.size(); rank = rank * 3 + 1)
    EXPECT_EQ(s.rank_of(s.at(rank)), rank);
}

TEST(ConditionalSpace, HasNoSizeBeyond64BitsNorWhereABranchIsContinuous) {
  EXPECT_EQ(
      a_space({"o=choice(a,b)", "x=int(1,4294967296) if o=b", "y=int(1,4294967295) if o=b"}).size(),
      4294967296u * 4294967295u + 1);
  const auto over =
      a_space({"o=choice(a,b)", "x=int(1,4294967296) if o=b", "y=int(1,4294967296) if o=b"});
  EXPECT_FALSE(over.size());
  EXPECT_TRUE(over.is_discrete());
  EXPECT_FALSE(a_space({"o=choice(a,b)", "x=float(0,1) if o=b"}).size());
}

TEST(CanonicalKey, NamesOnlyWhatThePointHas) {
  const auto s = a_space({"opt=choice(adam,sgd)", "m=int(0,2) if opt=sgd"});
  const auto plain = a_space({"opt=choice(adam,sgd)"});
  EXPECT_EQ(canonical_key(s, {0, inactive}), canonical_key(plain, {0}));
  EXPECT_NE(canonical_key(s, {1, 0}), canonical_key(plain, {1}));
}

}  // namespace
}  // namespace fabric::tuner
