#pragma once

#include <string>
#include <string_view>

#include "fabric/instant.hpp"
#include "fabric/result.hpp"

namespace fabric::daemon {

/// "500ms", "10s", "1.5h", "2d"; a bare number counts seconds. At most ten years, not negative.
/// Faults: usage, naming `what`.
result<duration> parse_duration(std::string_view text, std::string_view what);

/// "250 ms", "3.2 s", "4 min", "2 h": for people.
std::string to_text(duration d);

}  // namespace fabric::daemon
