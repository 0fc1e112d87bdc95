#pragma once

#include <string>
#include <vector>

#include "bench/harness/measurement.hpp"

namespace fabric::bench {

/// The figures as lines for a terminal.
std::string table_of(const std::vector<measurement>& figures);

}  // namespace fabric::bench
