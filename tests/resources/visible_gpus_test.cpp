#include "resources/visible_gpus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabric {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t gib = std::int64_t{1} << 30;

std::vector<gpu_device> three_alike() {
  return {{"GPU-aa11", "NVIDIA H200", 140 * gib},
          {"GPU-ab22", "NVIDIA H200", 140 * gib},
          {"GPU-cc33", "NVIDIA H200", 140 * gib}};
}

std::vector<std::string> listed(const char* cuda_visible_devices) {
  return choose_gpus(three_alike(), cuda_visible_devices).ids;
}

TEST(ChooseGpus, OffersAllByIndex) {
  const auto gpus = choose_gpus(three_alike(), std::nullopt);
  EXPECT_THAT(gpus.ids, ElementsAre("0", "1", "2"));
  EXPECT_EQ(gpus.labels, (label_map{{"gpu_memory_gib", "140"}, {"gpu_model", "h200"}}));
  EXPECT_THAT(gpus.notes, IsEmpty());
}

TEST(ChooseGpus, OfNoneIsANormalAnswer) {
  EXPECT_EQ(choose_gpus({}, std::nullopt), visible_gpus{});
  EXPECT_EQ(choose_gpus({}, ""), visible_gpus{});
}

TEST(ChooseGpus, KeepsTheOrderAndSpellingOfTheEnvironment) {
  EXPECT_THAT(listed("2,0"), ElementsAre("2", "0"));
  EXPECT_THAT(listed(" 1 , 2 "), ElementsAre("1", "2"));
  EXPECT_THAT(listed("GPU-cc33,GPU-aa"), ElementsAre("GPU-cc33", "GPU-aa"));
  EXPECT_THAT(listed("MIG-5f3a,0"), ElementsAre("MIG-5f3a", "0"));
}

TEST(ChooseGpus, HidesAllWhereTheEnvironmentDoes) {
  for (const auto list : {"", "-1", " "}) {
    const auto gpus = choose_gpus(three_alike(), list);
    EXPECT_THAT(gpus.ids, IsEmpty()) << list;
    EXPECT_THAT(gpus.labels, IsEmpty()) << list;
    EXPECT_THAT(gpus.notes, IsEmpty()) << list;
  }
}

TEST(ChooseGpus, ReadsTheListUpToTheFirstEntryThatNamesNoGpu) {
  EXPECT_THAT(listed("0,3,1"), ElementsAre("0"));
  EXPECT_THAT(listed("0,-1,1"), ElementsAre("0"));
  EXPECT_THAT(listed("0,,1"), ElementsAre("0"));
  EXPECT_THAT(listed("GPU-a,0"), IsEmpty());  // could be two
  EXPECT_THAT(listed("GPU-zz"), IsEmpty());
  EXPECT_THAT(listed("NoDevFiles"), IsEmpty());
  EXPECT_THAT(listed("1x"), IsEmpty());
  const auto gpus = choose_gpus(three_alike(), "0,3,1");
  EXPECT_THAT(gpus.notes, ElementsAre(HasSubstr("up to '3', which names no GPU")));
}

TEST(ChooseGpus, DoesNotOfferOneGpuTwice) {
  EXPECT_THAT(listed("0,0,1"), ElementsAre("0"));
  EXPECT_THAT(listed("0,GPU-aa11,1"), ElementsAre("0"));
}

TEST(ChooseGpus, NotesAListOnAMachineWithoutGpus) {
  const auto gpus = choose_gpus({}, "0,1");
  EXPECT_THAT(gpus.ids, IsEmpty());
  EXPECT_EQ(gpus.notes.size(), 1U);
  EXPECT_THAT(choose_gpus({}, "MIG-5f3a").ids, IsEmpty());
}

TEST(ChooseGpus, LabelsOnlyWhatAllGpusShare) {
  auto devices = three_alike();
  devices[1].model = "NVIDIA A100-SXM4-80GB";
  const auto gpus = choose_gpus(devices, std::nullopt);
  EXPECT_EQ(gpus.labels, (label_map{{"gpu_memory_gib", "140"}}));
  EXPECT_THAT(gpus.notes, ElementsAre(HasSubstr("gpu_model is left out")));
  EXPECT_EQ(choose_gpus(devices, "1").labels.at("gpu_model"), "a100-sxm4-80gb");
}

TEST(ChooseGpus, LabelsNothingThatTheDriverDoesNotSay) {
  EXPECT_EQ(choose_gpus({{"", "", 0}}, std::nullopt).labels, label_map{});
  EXPECT_THAT(choose_gpus({{"", "", 0}}, std::nullopt).ids, ElementsAre("0"));
}

TEST(LabelOfModel, IsALabelValueWithoutSpaces) {
  EXPECT_EQ(label_of_model("NVIDIA H100 80GB HBM3"), "h100-80gb-hbm3");
  EXPECT_EQ(label_of_model("Tesla T4"), "tesla-t4");
  EXPECT_EQ(label_of_model("NVIDIA GeForce RTX 4090"), "geforce-rtx-4090");
  EXPECT_EQ(label_of_model("  a,b=c!  "), "a-b-c");
  EXPECT_EQ(label_of_model(""), "");
  EXPECT_TRUE(is_label_value(label_of_model(std::string(300, 'x'))));
}

TEST(GpuEnvironment, ListsTheIdsThatAreHeld) {
  EXPECT_EQ(gpu_environment({{"1", units(1)}, {"GPU-cc33", units(1)}}), "1,GPU-cc33");
  EXPECT_EQ(gpu_environment({{"0", milli{250}}}), "0");
}

TEST(GpuEnvironment, IsLeftAloneWithoutGpus) { EXPECT_EQ(gpu_environment({}), std::nullopt); }

}  // namespace
}  // namespace fabric
