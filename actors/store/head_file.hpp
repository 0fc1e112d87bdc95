#pragma once

#include <optional>
#include <string>

#include "actors/store/file_lock.hpp"
#include "actors/store/head_store.hpp"
#include "actors/store/sqlite.hpp"

namespace fabric::store {

/// What an open head store holds. Shared by the files that implement head_store; no one else's.
struct head_store::file {
  std::string path;
  durability how = durability::full;
  std::optional<file_lock> lock;  ///< none for a private store
  sqlite::connection rows;
  std::string cluster;
  std::uint64_t epoch = 0;       ///< of this head: nobody else may have raised it
  bool outcome_unknown = false;  ///< of the last COMMIT

  result<void> committed(sqlite::transaction& change);
};

}  // namespace fabric::store
