#pragma once

#include <chrono>

#include "fabric/instant.hpp"

namespace fabric::actors {

/// When what these tests watch begins.
inline constexpr instant t0{std::chrono::seconds{100}};

}  // namespace fabric::actors
