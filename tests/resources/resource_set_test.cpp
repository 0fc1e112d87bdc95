#include <gtest/gtest.h>

#include <stdexcept>

#include "fabric/amount.hpp"
#include "resources/check.hpp"

namespace fabric {
namespace {

TEST(ResourceSet, IsSortedAndDropsZeros) {
  const resource_set set{{"gpu", units(1)}, {"cpu", units(2)}, {"fpga", units(0)}};
  ASSERT_EQ(set.size(), 2U);
  EXPECT_EQ(set.begin()->first, "cpu");
  EXPECT_EQ(set["gpu"], units(1));
  EXPECT_EQ(set["fpga"], units(0));
  EXPECT_EQ(set["absent"], units(0));
}

TEST(ResourceSet, AddsUpEntriesOfOneName) {
  const resource_set set{{"a", units(1)}, {"a", milli{500}}};
  EXPECT_EQ(set, (resource_set{{"a", milli{1500}}}));
}

TEST(ResourceSet, SetReplacesAndZeroRemoves) {
  resource_set set{{"a", units(1)}};
  set.set("a", units(3));
  set.set("b", units(0));
  EXPECT_EQ(set["a"], units(3));
  EXPECT_EQ(set.size(), 1U);
  set.set("a", units(0));
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set, resource_set{});
}

TEST(ResourceSet, ThatIsBuiltNegativeIsAMistakeOfOurs) {
  const auto previous =
      set_check_handler([](const char*, int, const char* claim) { throw std::logic_error(claim); });
  EXPECT_THROW((resource_set{{"a", milli{-1}}}), std::logic_error);
  set_check_handler(previous);
}

TEST(ResourceSet, CoversComparesNameByName) {
  const resource_set have{{"cpu", units(4)}, {"a", units(1)}};
  EXPECT_TRUE(covers(have, {}));
  EXPECT_TRUE(covers(have, {{"cpu", units(4)}}));
  EXPECT_FALSE(covers(have, {{"cpu", milli{4001}}}));
  EXPECT_FALSE(covers(have, {{"b", milli{1}}}));
  EXPECT_TRUE(covers({}, {}));
}

TEST(ResourceSet, IsPrintedForPeople) {
  const resource_set set{{"cpu", units(2)}, {"memory", units(1LL << 30)}, {"gpu", milli{500}}};
  EXPECT_EQ(to_string(set), "cpu=2, gpu=0.5, memory=1GiB");
  EXPECT_EQ(to_string(resource_set{}), "");
}

TEST(ResourceName, StartsWithALetterAndHasAtMost64Characters) {
  for (const auto name : {"a", "cpu", "fpga_2", "a.b-c"})
    EXPECT_TRUE(is_resource_name(name)) << name;
  for (const auto name : {"", "A", "1a", "_a", "a b", "a=b", "a,b", "\xc3\xa4"})
    EXPECT_FALSE(is_resource_name(name)) << name;
  EXPECT_TRUE(is_resource_name(std::string(64, 'a')));
  EXPECT_FALSE(is_resource_name(std::string(65, 'a')));
}

TEST(ParseResources, ReadsNamesAndAmounts) {
  EXPECT_EQ(*parse_resources("b=2.5,a=1"), (resource_set{{"a", units(1)}, {"b", milli{2500}}}));
  EXPECT_EQ(*parse_resources(""), resource_set{});
  EXPECT_EQ(*parse_resources("a=0"), resource_set{});
}

TEST(ParseResources, RefusesMalformedItems) {
  for (const auto text : {"a", "a=", "=1", "a=1,", ",a=1", "a=1,,b=2", "a=-1", "a=1=2", "A=1",
                          "a=1 ", " a=1", "a=1,a=1", "a=0,a=1", "a=1e3", ","}) {
    const auto parsed = parse_resources(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, fault_code::usage) << text;
  }
}

TEST(ParseResources, RefusesWhatHasAFlagOfItsOwn) {
  for (const auto text : {"cpu=1", "gpu=1", "memory=1", "a=1,cpu=1"})
    EXPECT_FALSE(parse_resources(text)) << text;
  EXPECT_TRUE(parse_resources("cpus=1"));
}

TEST(ParseResources, TakesABoundedNumberOfNames) {
  std::string text;
  for (std::size_t n = 0; n < resource_names_max; ++n)
    text += (n > 0 ? "," : "") + std::string("a") + std::to_string(n) + "=1";
  EXPECT_TRUE(parse_resources(text));
  EXPECT_FALSE(parse_resources(text + ",b=1"));
}

}  // namespace
}  // namespace fabric
