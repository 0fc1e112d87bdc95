#pragma once

#include <string_view>

namespace fabric::tuner {

/// User attributes of trials, each the number of another one. A failed trial that is tried again
/// has given its point back to that, which alone speaks for it from then on.
inline constexpr std::string_view retried_as = "retried_as";  ///< of the failed one
inline constexpr std::string_view retry_of = "retry_of";      ///< of the new one

}  // namespace fabric::tuner
