#include "actors/tune/trial_key.hpp"

#include <gtest/gtest.h>

namespace fabric::actors {
namespace {

transport::submit a_trial(std::string payload) {
  return {.name = "s #3", .study = "s", .payload = std::move(payload), .watch = true};
}

TEST(TrialKey, IsTheSameForTheSameTrialSubmittedAlike) {
  auto again = a_trial("x=1");
  again.request = request_id{17};
  again.key = "trial/u/3/before";
  EXPECT_EQ(trial_key("u", 3, a_trial("x=1")), trial_key("u", 3, again));
}

TEST(TrialKey, IsAnotherWhereAnythingDiffers) {
  const auto key = trial_key("u", 3, a_trial("x=1"));
  EXPECT_NE(trial_key("u", 3, a_trial("x=2")), key);
  EXPECT_NE(trial_key("u", 4, a_trial("x=1")), key);
  EXPECT_NE(trial_key("v", 3, a_trial("x=1")), key);
  auto other = a_trial("x=1");
  other.needs.amounts.set("cpu", milli{2000});
  EXPECT_NE(trial_key("u", 3, other), key);
  other = a_trial("x=1");
  other.priority = 1;
  EXPECT_NE(trial_key("u", 3, other), key);
}

TEST(TrialKey, TellsItsTrialAndItsRounds) {
  const auto key = trial_key("u", 3, a_trial("x=1"));
  EXPECT_TRUE(key.starts_with(trial_key_prefix("u", 3)));
  EXPECT_FALSE(trial_key("u", 33, a_trial("x=1")).starts_with(trial_key_prefix("u", 3)));
  EXPECT_TRUE(is_round_of(key, key));
  EXPECT_TRUE(is_round_of(key + "/2", key));
  EXPECT_FALSE(is_round_of(key + "0", key));
  EXPECT_FALSE(is_round_of(trial_key("u", 3, a_trial("x=2")), key));
}

}  // namespace
}  // namespace fabric::actors
