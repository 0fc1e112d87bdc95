#pragma once

#include <cstddef>
#include <string>

namespace fabric::tuner {

/// "1 value for 2 objectives"
std::string miscount(std::size_t values, std::size_t objectives);

}  // namespace fabric::tuner
