#include "fabric/labels.hpp"

#include <gtest/gtest.h>

namespace fabric {
namespace {

using relation = label_condition::relation;

TEST(ParseLabels, ReadsKeysAndValues) {
  EXPECT_EQ(*parse_labels("zone=home,gpu_model=h100"),
            (label_map{{"gpu_model", "h100"}, {"zone", "home"}}));
  EXPECT_EQ(*parse_labels("k="), (label_map{{"k", ""}}));
  EXPECT_EQ(*parse_labels("example.com/Rack-2=a b"), (label_map{{"example.com/Rack-2", "a b"}}));
  EXPECT_EQ(*parse_labels(""), label_map{});
}

TEST(ParseLabels, RefusesMalformedItems) {
  for (const auto text : {"a", "=v", "1a=v", "a=b,", ",a=b", "a=b,,c=d", "a=b=c", "a=b,a=c",
                          "a=b,a=b", "a!=b", "a b=c", "a=\x01", "a=\xc3\xa4", "a=v!"}) {
    const auto parsed = parse_labels(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, fault_code::usage) << text;
  }
}

TEST(ParseLabels, KeepsTheLimitsOfLengthAndNumber) {
  EXPECT_TRUE(parse_labels(std::string(64, 'k') + "=" + std::string(128, 'v')));
  EXPECT_FALSE(parse_labels(std::string(65, 'k') + "=v"));
  EXPECT_FALSE(parse_labels("k=" + std::string(129, 'v')));
  std::string text = "k=v";
  for (std::size_t n = 1; n < labels_max; ++n) text += ",k" + std::to_string(n) + "=v";
  EXPECT_TRUE(parse_labels(text));
  EXPECT_FALSE(parse_labels(text + ",more=v"));
}

TEST(ParseLabelConditions, AreSortedWithoutRepeats) {
  const auto parsed = parse_label_conditions("zone!=lab,arch=x86,zone!=attic,arch=x86");
  ASSERT_TRUE(parsed);
  const std::vector<label_condition> expected = {{"arch", relation::equals, "x86"},
                                                 {"zone", relation::differs, "attic"},
                                                 {"zone", relation::differs, "lab"}};
  EXPECT_EQ(*parsed, expected);
}

TEST(ParseLabelConditions, RefuseMalformedItems) {
  for (const auto text : {"a", "!=v", "a!b", "a!!=b", "a==b", "a!=b!", "a=b,", "a=!b"})
    EXPECT_FALSE(parse_label_conditions(text)) << text;
}

TEST(LabelCondition, EqualsNeedsTheLabelAndDiffersDoesNot) {
  const label_map labels{{"zone", "home"}, {"empty", ""}};
  EXPECT_TRUE(satisfies(labels, {"zone", relation::equals, "home"}));
  EXPECT_FALSE(satisfies(labels, {"zone", relation::equals, "lab"}));
  EXPECT_FALSE(satisfies(labels, {"zone", relation::differs, "home"}));
  EXPECT_TRUE(satisfies(labels, {"zone", relation::differs, "lab"}));
  EXPECT_FALSE(satisfies(labels, {"absent", relation::equals, ""}));
  EXPECT_TRUE(satisfies(labels, {"absent", relation::differs, ""}));
  EXPECT_TRUE(satisfies(labels, {"empty", relation::equals, ""}));
}

TEST(Labels, ArePrintedAsTheyAreTyped) {
  EXPECT_EQ(to_string(*parse_labels("b=2,a=1")), "a=1,b=2");
  EXPECT_EQ(to_string(label_condition{"a", relation::differs, "b"}), "a!=b");
  EXPECT_EQ(to_string(label_condition{"a", relation::equals, "b"}), "a=b");
}

}  // namespace
}  // namespace fabric
