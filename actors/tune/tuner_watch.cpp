#include "actors/tune/tuner_watch.hpp"

namespace fabric::actors {

bool tuner_watch::is_silent(const store::trial_holder& by, instant now) {
  if (by.who.place == store::asked_place) return false;
  const auto [at, is_new] = tuners_.try_emplace(by.who.id, seen{by.beat, now});
  if (at->second.beat != by.beat) at->second = {by.beat, now};
  return now - at->second.since >= silence_max;
}

}  // namespace fabric::actors
