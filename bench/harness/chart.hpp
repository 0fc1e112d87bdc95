#pragma once

#include <string>
#include <vector>

#include "bench/harness/measurement.hpp"

namespace fabric::bench {

/// The figures as a picture (SVG): for each case how far ours are from their floors, the aims and
/// what others publish on the same logarithmic scale; then the curves of what grows. `heading` says
/// in one line what was measured, and where.
std::string chart_of(const std::vector<measurement>& figures, const std::string& heading);

}  // namespace fabric::bench
