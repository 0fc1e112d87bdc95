#include "resources/overrides.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabric {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

capacity a_gpu_node() {
  return {{{"cpu", units(8)}, {"gpu", units(2)}, {"memory", units(1 << 30)}},
          {"GPU-a", "GPU-b"},
          {{"gpu_model", "h200"}, {"gpu_memory_gib", "140"}}};
}

TEST(Overrides, ThatSayNothingChangeNothing) {
  EXPECT_EQ(*apply_overrides(a_gpu_node(), {}), a_gpu_node());
}

TEST(Overrides, ReplaceAmounts) {
  overrides said;
  said.num_cpus = milli{2500};
  said.memory = units(1 << 20);
  EXPECT_EQ(to_string(apply_overrides(a_gpu_node(), said)->amounts), "cpu=2.5, gpu=2, memory=1MiB");
}

TEST(Overrides, OfZeroCpusLeaveNone) {
  overrides said;
  said.num_cpus = units(0);
  EXPECT_EQ(apply_overrides(a_gpu_node(), said)->amounts[cpu], units(0));
}

TEST(Overrides, ToFewerGpusKeepTheFirst) {
  overrides said;
  said.num_gpus = 1;
  const auto has = apply_overrides(a_gpu_node(), said);
  EXPECT_THAT(has->gpu_ids, ElementsAre("GPU-a"));
  EXPECT_EQ(has->amounts[gpu], units(1));
  EXPECT_EQ(has->labels.at("gpu_model"), "h200");
}

TEST(Overrides, ToMoreGpusMakeLogicalOnes) {
  overrides said;
  said.num_gpus = 3;
  const auto has = apply_overrides(a_gpu_node(), said);
  EXPECT_THAT(has->gpu_ids, ElementsAre("0", "1", "2"));
  EXPECT_EQ(has->amounts[gpu], units(3));
  EXPECT_THAT(apply_overrides({}, said)->gpu_ids, ElementsAre("0", "1", "2"));
}

TEST(Overrides, ToNoGpusDropTheirLabels) {
  overrides said;
  said.num_gpus = 0;
  const auto has = apply_overrides(a_gpu_node(), said);
  EXPECT_THAT(has->gpu_ids, IsEmpty());
  EXPECT_THAT(has->labels, IsEmpty());
  EXPECT_TRUE(check_capacity(*has));
}

TEST(Overrides, AddResourcesAndReplaceLabels) {
  overrides said;
  said.resources = {{"fpga", units(2)}};
  said.labels = {{"gpu_model", "mine"}, {"zone", "home"}};
  const auto has = apply_overrides(a_gpu_node(), said);
  EXPECT_EQ(has->amounts["fpga"], units(2));
  EXPECT_EQ(to_string(has->labels), "gpu_memory_gib=140,gpu_model=mine,zone=home");
}

TEST(Overrides, BeyondTheLimitsAreFaults) {
  overrides gpus;
  gpus.num_gpus = 4'000'000'000;
  overrides twice;
  twice.resources = {{"cpu", units(1)}};
  overrides name;
  name.resources = {{"Bad Name", units(1)}};
  overrides label;
  label.labels = {{"k", "a,b"}};
  overrides amount;
  amount.memory = amount_max + milli{1};
  for (const auto& said : {gpus, twice, name, label, amount}) {
    const auto has = apply_overrides(a_gpu_node(), said);
    ASSERT_FALSE(has);
    EXPECT_EQ(has.error().code, fault_code::config);
  }
}

}  // namespace
}  // namespace fabric
