#pragma once

#include <string>
#include <vector>

#include "actors/daemon/print.hpp"
#include "actors/plots/subject.hpp"
#include "actors/store/study_store.hpp"
#include "scheduler/tuner/best_trials.hpp"
#include "scheduler/tuner/study.hpp"

/// A study as commands that only read it see it.
namespace fabric::daemon {

/// With its space, declared or observed, and its rows.
struct study_read {
  store::study_row row;
  tuner::space over;
  bool is_declared = true;  ///< the space; else it is what the trials show
  std::vector<tuner::trial> trials;
  store::attributes_type user_attrs;
};

/// Faults: not_found, config, the store's.
result<study_read> read_study(const std::string& storage, const std::string& name);

tuner::best_trials best_of(const study_read& study);

/// Gives trials that are no points of an observed space, as where a script of Optuna's branches,
/// what they have of it, so that they can be drawn.
void add_partial_points(study_read& to);

/// As it is drawn. Precondition: the study has the objective; it must outlive the answer.
plots::subject subject_of(const study_read& study, std::size_t objective);

/// A study as `study list --json` spells it.
json to_json(const store::study_row& row);

}  // namespace fabric::daemon
