#pragma once

#include <cstdint>

namespace fabric::objects {

/// What stores count in.
inline constexpr std::uint64_t page = 4096;

}  // namespace fabric::objects
