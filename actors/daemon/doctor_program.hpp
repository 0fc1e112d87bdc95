#pragma once

#include <vector>

#include "actors/daemon/doctor.hpp"

namespace fabric::daemon {

/// About this program itself: the libraries it is linked with, with a note of those that are known
/// for a fault, and what it was hardened with.
std::vector<finding> look_at_program();

/// Whether the wall clocks of this machine and of the head, both in milliseconds since 1970, tell
/// the same time.
finding compare_clocks(std::int64_t ours_ms, std::int64_t heads_ms);

}  // namespace fabric::daemon
