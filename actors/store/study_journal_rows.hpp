#pragma once

#include <map>

#include "actors/store/journal_record.hpp"
#include "actors/store/sql.hpp"
#include "actors/store/study_store.hpp"

namespace fabric::store {

/// Ids in the journal to ids in the tables, and what numbers come next.
struct journal_ids {
  std::map<std::int64_t, std::int64_t> studies;
  std::map<std::int64_t, std::int64_t> trials;
  struct numbers {
    std::int64_t last_trial = 0;
    std::int64_t next = 0;
  };
  std::map<std::int64_t, numbers> seen;  ///< by study_id of the tables
};

/// Writes into Optuna's tables what a record of the server `who` says. Inside of a transaction.
result<void> write_rows(sql::connection& file, journal_ids& ids, const tuner_mark& who,
                        const journal_entry& entry);

}  // namespace fabric::store
