#pragma once

#include "actors/store/sqlite.hpp"

namespace fabric::store {

/// What a file is to us.
enum class study_file_kind : std::uint8_t {
  empty,    ///< no tables at all
  studies,  ///< Optuna's schema 12, with or without our tables
};

/// Looks without writing. Faults: bad_message (a file of another program), version (a schema that
/// is older or newer, with the remedy).
result<study_file_kind> check_study_file(sqlite::connection& file);

/// Makes Optuna's tables and ours, where the file is still empty: two processes may come at once.
result<void> make_study_tables(sqlite::connection& file);

/// True where our tables are there beside Optuna's.
result<bool> has_own_tables(sqlite::connection& file);

/// Makes our tables where they are missing. Inside of a transaction.
result<void> make_own_tables(sqlite::connection& file);

/// False in files from before tuners were noted.
result<bool> has_tuner_tables(sqlite::connection& file);

}  // namespace fabric::store
