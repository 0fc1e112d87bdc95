#pragma once

#include <cstdint>

namespace fabric::journal {

/// As Optuna numbers them in its journal.
enum : std::int64_t { running = 0, complete = 1, pruned = 2, failed = 3, waiting = 4 };

inline bool is_over(std::int64_t state) { return state != running && state != waiting; }

}  // namespace fabric::journal
