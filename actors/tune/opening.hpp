#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/store/study_store.hpp"
#include "fabric/result.hpp"

namespace fabric::actors {

/// The study's file with the study in it, and its core: new, or as it was left.
struct opened_study {
  store::study_store file;
  tuner::study core;
  std::string uid;
  store::tuner_mark self;
  std::map<tuner::trial_number, std::uint64_t> left_jobs;
  std::uint64_t resumed = 0;  ///< open ones that are handed out again
  /// Enqueued ones that fix some parameters only, or lie outside the space: left to Optuna.
  std::vector<tuner::trial_number> left_waiting;
};

/// Goes on with the study that is there by the settings: its space may be another one than before,
/// and is declared anew then. Faults: usage (another direction, a space that `tuner::check_change`
/// refuses), the store's.
result<void> take_up(store::study_store& file, const store::study_row& known,
                     const tuner::study_settings& how);

/// Makes the study or goes on with it, and enters it as a tuner of this process. What tuners that
/// have ended left open is handed out again; what others evaluate is awaited. Faults: key_conflict
/// (it exists, and that is not wanted), usage (it is another study), the store's.
result<opened_study> open_study(const tuner::study_settings& how, const std::string& storage,
                                bool load_if_exists);

}  // namespace fabric::actors
