#include "actors/tune/tuner_watch.hpp"

#include <gtest/gtest.h>

namespace fabric::actors {
namespace {

constexpr auto moment = std::chrono::milliseconds{1};

store::trial_holder beating(std::string id, std::int64_t beat) {
  return {.who = {.id = std::move(id)}, .beat = beat};
}

TEST(TunersBeat, IsTimedFromTheFirstLookAtIt) {
  tuner_watch watch;
  const instant first{std::chrono::hours{5}};
  EXPECT_FALSE(watch.is_silent(beating("a", 3), first));
  EXPECT_FALSE(watch.is_silent(beating("a", 3), first + silence_max - moment));
  EXPECT_TRUE(watch.is_silent(beating("a", 3), first + silence_max));
}

TEST(TunersBeat, ThatRisesBeginsTheTimeAnew) {
  tuner_watch watch;
  const instant first{};
  watch.is_silent(beating("a", 3), first);
  EXPECT_FALSE(watch.is_silent(beating("a", 4), first + silence_max));
  EXPECT_FALSE(watch.is_silent(beating("a", 4), first + silence_max + moment));
  EXPECT_TRUE(watch.is_silent(beating("a", 4), first + 2 * silence_max));
}

TEST(TunersBeat, SaysNothingOfAnotherTuner) {
  tuner_watch watch;
  watch.is_silent(beating("a", 3), instant{});
  EXPECT_FALSE(watch.is_silent(beating("b", 3), instant{} + silence_max));
}

}  // namespace
}  // namespace fabric::actors
