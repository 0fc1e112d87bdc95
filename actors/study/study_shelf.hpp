#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "actors/tune/opening.hpp"
#include "actors/tune/step_batch.hpp"
#include "fabric/instant.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::actors {

/// Where a study's rows are kept. All calls from one thread at a time.
class study_shelf {
 public:
  virtual ~study_shelf() = default;

  /// Faults: the store's.
  virtual result<batch_answer> write(const step_batch& batch) = 0;
  virtual result<std::vector<tuner::trial>> trials() = 0;
  /// Puts a point first, and tells the study's events. Faults: duplicate_params, the store's.
  virtual result<tuner::trial_number> enqueue(const tuner::point& where,
                                              std::deque<tuner::study_event_type>& events) = 0;

  /// Now and then, as often as `period` says: shows that we live, and tells the study's events what
  /// others did, given the trials that are awaited. Faults: the store's.
  virtual result<void> look(instant now, const std::vector<tuner::trial_number>& awaited,
                            std::deque<tuner::study_event_type>& events) = 0;
  /// Never where nobody else can do anything.
  [[nodiscard]] virtual duration period() const = 0;
};

/// In this process: gone with it.
std::unique_ptr<study_shelf> make_memory_shelf(tuner::study_settings how);
/// In a file or database that others may use, too. Leaves it when it ends.
std::unique_ptr<study_shelf> make_stored_shelf(tuner::study_settings how, store::study_store file,
                                               store::tuner_mark self);

}  // namespace fabric::actors
