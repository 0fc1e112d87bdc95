#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "actors/store/study_store.hpp"
#include "actors/tune/tuner_watch.hpp"

/// What other tuners, and people, did to a study meanwhile.
namespace fabric::actors {

/// How awaited trials stand, and what was enqueued.
struct look_around {
  std::vector<store::held_trial> awaited;
  std::vector<tuner::trial> enqueued;
  std::string study;  ///< as it is named at a command line
};

/// Faults: the store's.
result<look_around> look(store::study_store& file, const std::string& study,
                         const tuner::space& over, const std::vector<tuner::trial_number>& awaited,
                         bool also_enqueued);

/// Whom the study waits for, and how to end that, where others have these trials: a line for each
/// of the first few.
std::vector<std::string> waits_for(const look_around& found, const store::tuner_mark& self);

/// Tells the study what is new: puts it into the events that wait for it. Trials of tuners that
/// have ended or are silent become ours; `left_jobs` gets their jobs. True where anything is new.
bool tell_study(look_around found, const store::tuner_mark& self, tuner_watch& others, instant now,
                std::deque<tuner::study_event_type>& events,
                std::map<tuner::trial_number, std::uint64_t>& left_jobs);

}  // namespace fabric::actors
