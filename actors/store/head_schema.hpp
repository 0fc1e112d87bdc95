#pragma once

#include "actors/store/sqlite.hpp"

namespace fabric::store {

/// "FBRc" in the file's header: tells our files from those of other programs.
inline constexpr std::int32_t head_application_id = 0x46425263;
/// The newest schema this build knows (PRAGMA user_version).
inline constexpr std::int64_t head_schema_version = 3;

/// Looks without writing. Faults: bad_message (a file of another program), version (a newer
/// schema).
result<void> check_identity(sqlite::connection& file);

/// Makes the tables, or brings those of an older version up to date, in one transaction a version:
/// killed half way, the file is as it was before.
result<void> bring_up_to_date(sqlite::connection& file);

}  // namespace fabric::store
