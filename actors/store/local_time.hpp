#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fabric::store {

/// Optuna 3.1 keeps times as text in the local time of whoever wrote them, without a zone:
/// "2024-02-29 13:05:09.250000". Nothing where `ms` (since 1970) is 0, which is an unknown time.
std::optional<std::string> local_time_text(std::int64_t ms);

/// Back again, by the zone of this process; 0 for what is no such text. The hour that a clock
/// change repeats is ambiguous, so our own tables keep milliseconds beside it.
std::int64_t ms_of_local_time(std::string_view text);

}  // namespace fabric::store
