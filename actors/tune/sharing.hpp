#pragma once

#include <map>
#include <string>
#include <vector>

#include "actors/store/study_store.hpp"

/// Several tuners of one study: who has which of its open trials.
namespace fabric::actors {

/// From now on `file` writes for `self`. Tuners that have ended, as far as the process `own` can
/// see, and have nothing open are forgotten.
result<void> enter_study(store::study_store& file, const std::string& study,
                         const store::tuner_mark& self, const store::tuner_mark& own);

/// Takes out of `rows` the open trials that other tuners evaluate, and answers them. `left_jobs`
/// gets the jobs of those that stay and were begun by tuners which have ended.
result<std::vector<tuner::trial>> leave_to_others(
    store::study_store& file, const std::string& study, const store::tuner_mark& own,
    std::vector<tuner::trial>& rows, std::map<tuner::trial_number, std::uint64_t>& left_jobs);

}  // namespace fabric::actors
