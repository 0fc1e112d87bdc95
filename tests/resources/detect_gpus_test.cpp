#include "resources/detect_gpus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabric {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SurveyGpus, AsksTheLibraryForEachGpuThatItMayOpen) {
  const auto found = survey_gpus(NVML_TWO_GPUS);
  EXPECT_THAT(found.devices, ElementsAre(gpu_device{"GPU-aa11", "NVIDIA H200", 150754820096},
                                         gpu_device{"GPU-cc33", "NVIDIA H200", 150754820096}));
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("GPU 1 cannot be opened (NVML status 4)")));
}

TEST(SurveyGpus, AnswersTheSameWhenAskedAgain) {
  EXPECT_EQ(survey_gpus(NVML_TWO_GPUS).devices, survey_gpus(NVML_TWO_GPUS).devices);
}

TEST(SurveyGpus, WithoutTheLibraryFindsNoneAndSaysNothing) {
  const auto found = survey_gpus("libfabric-has-no-such-library.so.1");
  EXPECT_THAT(found.devices, IsEmpty());
  EXPECT_THAT(found.notes, IsEmpty());
}

TEST(SurveyGpus, NotesALibraryThatCannotStart) {
  const auto found = survey_gpus(NVML_BROKEN);
  EXPECT_THAT(found.devices, IsEmpty());
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("cannot start (NVML status 9)")));
}

TEST(SurveyGpus, NotesALibraryThatLacksAFunction) {
  const auto found = survey_gpus(NVML_INCOMPLETE);
  EXPECT_THAT(found.devices, IsEmpty());
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("lacks a function")));
}

}  // namespace
}  // namespace fabric
