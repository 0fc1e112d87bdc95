#pragma once

#include <chrono>
#include <map>
#include <string>

#include "actors/store/study_store.hpp"
#include "fabric/instant.hpp"

namespace fabric::actors {

using store::beat_period;
/// How long a tuner must have been silent before its trials are taken over. A stopped one that
/// comes back later does no harm: its results are refused.
inline constexpr auto silence_max = std::chrono::seconds{30};

/// Judges from their beats which other tuners live. Clocks of two machines are never compared: a
/// beat that does not rise is timed here, from the first look at it.
class tuner_watch {
 public:
  /// True once the holder's beat has not risen for `silence_max`. Who asked for a single point
  /// never beats, and is given its time.
  bool is_silent(const store::trial_holder& by, instant now);

 private:
  struct seen {
    std::int64_t beat = 0;
    instant since{};
  };
  std::map<std::string, seen> tuners_;  ///< by id
};

}  // namespace fabric::actors
