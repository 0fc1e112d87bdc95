#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/store/study_store.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::actors {

/// Steps' rows and reports, which are one transaction, and the commands that wait for it.
struct step_batch {
  std::vector<store::study_store::change> rows;
  std::vector<store::study_store::report> reports;
  std::vector<tuner::study_command_type> commands;

  void add(std::vector<tuner::study_command_type> step);
  [[nodiscard]] bool has_rows() const { return !rows.empty() || !reports.empty(); }
  [[nodiscard]] bool is_empty() const { return !has_rows() && commands.empty(); }
};

/// What the file made of a batch.
struct batch_answer {
  store::study_store::stored rows;
  std::vector<std::optional<tuner::trial>> theirs;  ///< for each conflict: who has the trial
};

/// Faults: the store's.
result<batch_answer> write_batch(store::study_store& file, const std::string& study,
                                 const tuner::space& over,
                                 const std::vector<store::study_store::change>& rows,
                                 const std::vector<store::study_store::report>& reports);

/// What a batch's answer means for the study.
struct batch_verdict {
  tuner::study_event::rows_answered news;
  std::map<tuner::trial_number, tuner::trial_number> moved;
  std::set<tuner::trial_number> not_ours;
  std::set<tuner::trial_number> reported_in_vain;

  [[nodiscard]] bool has_news() const {
    return !moved.empty() || !news.taken.empty() || !news.unrecorded.empty();
  }
};
/// Takes `theirs` out of the answer.
batch_verdict verdict_on(const step_batch& done, batch_answer& answer);

}  // namespace fabric::actors
