#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/store/sql.hpp"
#include "actors/store/study_store.hpp"
#include "actors/store/taken_numbers.hpp"

namespace fabric::store {

/// What was seen of a study's numbers up to a trial, so that the next look need not begin anew.
struct numbers_seen {
  std::int64_t last_trial = 0;
  std::int64_t last_number = 0;
  taken_numbers taken;
};

/// What an open study store holds. Shared by the files that implement study_store; no one else's.
struct study_store::file {
  sql::connection rows;
  std::map<std::int64_t, numbers_seen> seen;                   ///< by study_id
  std::map<std::int64_t, std::int64_t> looked_for_enqueued{};  ///< up to that trial_id, by study_id

  /// The tuner that writes here, once it has entered.
  struct writer {
    std::string study;
    tuner_mark who;
  };
  std::optional<writer> tuner;
  std::map<tuner::trial_number, std::uint64_t> jobs;  ///< noted and not written yet

  /// Faults: not_found, naming those that exist.
  result<std::int64_t> id_of(std::string_view study);
  /// Inside of a transaction: writes the tuner's row, where it lacks one, and the noted jobs.
  result<void> note_tuner(std::int64_t study_id);
};

/// Faults: as `study_store::open`.
result<sql::connection> open_studies(std::string_view url, study_store::mode how);

/// As `study_store::open` takes it, without a password.
std::string url_of(const sql::connection& rows);

/// Deletes all rows of a study. Inside of a transaction; our tables are there.
result<void> remove_rows(sql::connection& file, std::int64_t study_id);

/// The system attribute that tells a study from any other, because Optuna keeps those of others as
/// they are: 32 hexadecimal digits.
inline constexpr std::string_view uid_attribute = "fabric:uid";

/// That attribute as JSON text, made where the study has none. Inside of a transaction.
result<std::string> mark_study(sql::connection& file, std::int64_t study_id);

/// The system attribute of a trial that has reported: {"run": "17.0#1", "stop": false}. Optuna
/// keeps those of others as they are.
inline constexpr std::string_view reports_attribute = "fabric:reports";

/// As `constraints_of`.
std::vector<double> constraints_in(std::string_view json);

/// The trials of a study with first <= trial_id <= last, by trial_id.
struct stored_trial {
  std::int64_t trial_id = 0;
  bool is_foreign = false;  ///< has no row of ours
  tuner::trial row;
};
result<std::vector<stored_trial>> read_trials(sql::connection& file, std::int64_t study_id,
                                              const tuner::space& over, std::int64_t first,
                                              std::int64_t last);

}  // namespace fabric::store
