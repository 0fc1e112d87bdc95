#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "fabric/ids.hpp"
#include "scheduler/job.hpp"

namespace fabric::scheduler {

/// What is remembered of finished work: one byte for each job ever, and, for the last million
/// tasks that did not simply end with their first attempt, which attempt was recorded. It tells a
/// report that is sent again (harmless) from a stale one (counted); nothing else depends on it.
class finished_index {
 public:
  static constexpr std::size_t odd_ones_max = 1'000'000;

  void job_done(job_id id, bool all_succeeded);
  /// As `job_done`, for one that was done before a restart: its recorded attempts are not known.
  void job_was_done(job_id id, bool all_succeeded);
  /// `latest`: how many attempts were made. `recorded`: the one whose report made it final; 0 where
  /// it was none.
  void task_done(task_id id, task_state how, attempt_number latest, attempt_number recorded);

  [[nodiscard]] std::optional<bool> verdict(job_id id) const;
  /// The attempt whose report made the task final. `how`: the final state, where still known.
  [[nodiscard]] attempt_number recorded(task_id id, task_state how) const;
  /// True for a report that may be a copy of the recorded one.
  [[nodiscard]] bool may_be_recorded(attempt_id id) const;

 private:
  enum class verdict_byte : std::uint8_t { none, mixed, succeeded, was_mixed, was_succeeded };
  void note(job_id id, verdict_byte what);
  std::vector<verdict_byte> verdicts_;  // by job number
  std::map<task_id, attempt_number> odd_ones_;
};

}  // namespace fabric::scheduler
