#pragma once

#include <optional>

#include "actors/store/study_journal.hpp"
#include "actors/store/study_journal_leases.hpp"
#include "actors/store/study_journal_rows.hpp"

namespace fabric::store {

/// What an open journal holds. Shared by the files that implement study_journal; no one else's.
struct study_journal::file {
  sql::connection rows;
  tuner_mark who;
  std::optional<sql::transaction> change{};
  std::int64_t epoch = 0;
  std::int64_t next = 0;  ///< position
  journal_ids ids{};
  std::int64_t known_below = 0;  ///< no trial of a lower id is news

  result<std::int64_t> stored_epoch() {
    return rows.integer("SELECT coalesce(max(epoch), 0) FROM fabric_journal_server");
  }
};

}  // namespace fabric::store
