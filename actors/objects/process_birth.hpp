#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "fabric/result.hpp"

namespace fabric::objects {

/// When a process began (clock ticks since boot); nothing where there is no such process any more,
/// or only its zombie; a fault where that cannot be told now, as without free descriptors: then
/// nobody is taken for dead. Pid and birth together name a process, because pids are used again.
using birth_lookup = std::function<result<std::optional<std::uint64_t>>(std::int32_t pid)>;

/// As /proc tells. Faults: config.
result<std::optional<std::uint64_t>> birth_of(std::int32_t pid);

}  // namespace fabric::objects
