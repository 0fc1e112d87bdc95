#include "scheduler/tuner/parameter_name.hpp"

#include <gtest/gtest.h>

#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {
namespace {

TEST(ParameterName, IsAnyTextOfOneLine) {
  for (const auto* name :
       {"x", "optim/lr", "learning rate", "0", "größe", "a=b", "\"", "if", "(", " "})
    EXPECT_TRUE(is_parameter_name(name)) << name;
  for (const auto* name : {"", "a\nb", "\t", "\x7f", "\xff"})
    EXPECT_FALSE(is_parameter_name(name)) << name;
}

TEST(ParameterName, HasAsManyCharactersAsOptunasTables) {
  std::string umlauts;
  for (std::size_t i = 0; i < name_characters_max; ++i) umlauts += "ü";
  EXPECT_TRUE(is_parameter_name(umlauts));
  EXPECT_FALSE(is_parameter_name(umlauts + "u"));
}

TEST(ParameterName, StandsInQuotesWhereItIsNotPlain) {
  EXPECT_EQ(spelled_name("lr"), "lr");
  EXPECT_EQ(spelled_name("a.b-c_1"), "a.b-c_1");
  EXPECT_EQ(spelled_name("optim/lr"), "\"optim/lr\"");
  EXPECT_EQ(spelled_name("0"), "\"0\"");
  EXPECT_EQ(spelled_name("a\"b"), "\"a\\\"b\"");
  EXPECT_EQ(spelled_name(std::string(65, 'x')), '"' + std::string(65, 'x') + '"');
}

TEST(ParameterName, MayBeAConditionsParent) {
  const auto s = a_space({"\"opt (im)\"=choice(sgd,adam)", "m=int(0,1) if \"opt (im)\"=sgd"});
  EXPECT_EQ(s.size(), 3u);
  EXPECT_EQ(s.json_of({0, 1}), R"j({"opt (im)":"sgd","m":1})j");
  EXPECT_EQ(to_string(s.parameters()[1]), "m=int(0,1) if \"opt (im)\"=sgd");
}

}  // namespace
}  // namespace fabric::tuner
