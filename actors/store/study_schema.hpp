#pragma once

#include "actors/store/sql.hpp"

namespace fabric::store {

/// What a file is to us.
enum class study_file_kind : std::uint8_t {
  empty,    ///< no tables at all
  studies,  ///< Optuna's schema 12, with or without our tables
};

/// Looks without writing. Faults: bad_message (a file of another program), version (a schema that
/// is older or newer, with the remedy).
result<study_file_kind> check_study_file(sql::connection& file);

/// Makes Optuna's tables and ours, where the file is still empty: two processes may come at once.
result<void> make_study_tables(sql::connection& file);

/// True where our tables are there beside Optuna's.
result<bool> has_own_tables(sql::connection& file);

/// Makes our tables where they are missing. Inside of a transaction.
result<void> make_own_tables(sql::connection& file);

/// Inside of a transaction: as Optuna does it, so that no two give out one number at a time. SQLite
/// lets only one write anyway.
result<void> lock_study(sql::connection& file, std::int64_t study_id);

/// False in files from before tuners were noted.
result<bool> has_tuner_tables(sql::connection& file);

}  // namespace fabric::store
