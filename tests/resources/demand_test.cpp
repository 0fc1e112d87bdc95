#include "fabric/demand.hpp"

#include <gtest/gtest.h>

namespace fabric {
namespace {

demand of_gpus(milli amount) { return {{{"gpu", amount}}, {}}; }

TEST(Demand, IsSpelledWithItsConditions) {
  demand needs;
  EXPECT_EQ(to_string(needs), "");
  needs.where = *parse_label_conditions("zone=home,disk!=slow");
  EXPECT_EQ(to_string(needs), "disk!=slow, zone=home");
  needs.amounts.set("cpu", units(1));
  EXPECT_EQ(to_string(needs), "cpu=1, disk!=slow, zone=home");
}

TEST(CheckDemand, TakesWholeGpusAndSharesOfOne) {
  for (const std::int64_t amount : {0, 1, 250, 999, 1000, 2000, 8000})
    EXPECT_TRUE(check_demand(of_gpus({amount}))) << amount;
}

TEST(CheckDemand, RefusesMoreThanOneGpuThatIsNotWhole) {
  for (const std::int64_t amount : {1001, 1500, 2999}) {
    const auto checked = check_demand(of_gpus({amount}));
    ASSERT_FALSE(checked) << amount;
    EXPECT_EQ(checked.error().code, fault_code::usage);
  }
}

TEST(CheckDemand, LetsOtherAmountsBeFractions) {
  EXPECT_TRUE(check_demand({{{"cpu", milli{1500}}, {"fpga", milli{2250}}}, {}}));
}

TEST(CheckDemand, RefusesWhatNoParserWouldHaveMade) {
  demand needs;
  needs.amounts.set("cpu", milli{-1});
  EXPECT_FALSE(check_demand(needs));
  EXPECT_FALSE(check_demand({{{"cpu", amount_max + milli{1}}}, {}}));
  EXPECT_FALSE(check_demand({{{"CPU", units(1)}}, {}}));
  EXPECT_FALSE(check_demand({{{"", units(1)}}, {}}));
  EXPECT_TRUE(check_demand({{{"cpu", amount_max}}, {}}));
}

TEST(CheckDemand, RefusesConditionsThatAreMalformedOrOutOfOrder) {
  const label_condition a{"a", label_condition::relation::equals, "1"};
  const label_condition b{"b", label_condition::relation::equals, "1"};
  EXPECT_TRUE(check_demand({{}, {a, b}}));
  EXPECT_FALSE(check_demand({{}, {b, a}}));
  EXPECT_FALSE(check_demand({{}, {a, a}}));
  EXPECT_FALSE(check_demand({{}, {{"", label_condition::relation::equals, "1"}}}));
  EXPECT_FALSE(check_demand({{}, {{"a", label_condition::relation::equals, "1,2"}}}));
}

TEST(CheckDemand, BoundsNamesAndConditions) {
  demand names;
  for (std::size_t n = 0; n <= resource_names_max; ++n)
    names.amounts.set("r" + std::to_string(n), units(1));
  EXPECT_FALSE(check_demand(names));
  demand conditions;
  for (std::size_t n = 0; n <= labels_max; ++n)
    conditions.where.push_back({"k" + std::to_string(100 + n), {}, "v"});
  EXPECT_FALSE(check_demand(conditions));
}

TEST(CheckCapacity, TakesOneIdForEachGpu) {
  EXPECT_TRUE(check_capacity({}));
  EXPECT_TRUE(check_capacity({{{"gpu", units(2)}}, {"0", "GPU-8a-1"}, {{"zone", "home"}}}));
}

TEST(CheckCapacity, RefusesGpusThatDoNotMatchTheirIds) {
  EXPECT_FALSE(check_capacity({{{"gpu", units(2)}}, {"0"}, {}}));
  EXPECT_FALSE(check_capacity({{{"gpu", milli{500}}}, {"0"}, {}}));
  EXPECT_FALSE(check_capacity({{}, {"0"}, {}}));
  EXPECT_FALSE(check_capacity({{{"gpu", units(2)}}, {"0", "0"}, {}}));
}

TEST(CheckCapacity, RefusesIdsThatCouldEscapeTheEnvironmentVariable) {
  for (const auto id : {"", "0,1", "0 1", "0\n", "a=b"})
    EXPECT_FALSE(check_capacity({{{"gpu", units(1)}}, {id}, {}})) << id;
}

TEST(CheckCapacity, RefusesMalformedLabelsAndBadAmounts) {
  EXPECT_FALSE(check_capacity({{}, {}, {{"1", "v"}}}));
  EXPECT_FALSE(check_capacity({{}, {}, {{"k", "a=b"}}}));
  capacity negative;
  negative.amounts.set("cpu", milli{-1});
  const auto checked = check_capacity(negative);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, fault_code::bad_message);
}

}  // namespace
}  // namespace fabric
