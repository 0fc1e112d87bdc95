#include "actors/tune/looking.hpp"

#include <gtest/gtest.h>

namespace fabric::actors {
namespace {

/// A look at trial 7, which somebody else has.
look_around with(const store::tuner_mark& who) {
  store::held_trial held;
  held.row.number = 7;
  held.row.state = tuner::trial_state::running;
  held.by = store::trial_holder{.who = who};
  return {.awaited = {held}, .enqueued = {}, .study = "s"};
}

std::string said_of(const store::tuner_mark& who) {
  const auto lines = waits_for(with(who), {.id = "me", .place = "here", .pid = 1});
  return lines.size() == 1 ? lines.front() : "";
}

TEST(WaitingForOthers, SaysWhoTheyAre) {
  EXPECT_EQ(said_of({.id = "a", .place = "there", .pid = 9}),
            "trial 7 is with the tuner with process id 9 of another machine or container; it is "
            "taken over once that has ended");
  EXPECT_EQ(said_of({.id = "served-a-1", .place = "there", .pid = 9}),
            "trial 7 is with a worker of `fabricd study serve` (process id 9 of another machine or "
            "container); it is given back once that worker is silent, or the server ends");
}

}  // namespace
}  // namespace fabric::actors
