#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/space.hpp"

namespace fabric::actors {

/// The value of parameter `i` as typed at a command line, or as JSON. Faults: usage.
result<tuner::coordinate> coordinate_in(const tuner::space& over, std::size_t i,
                                        const std::string& text);

/// The point that words like "x=3" and "opt=adam" name, every parameter that it has once. Faults:
/// usage, naming what is wrong.
result<tuner::point> point_in(const tuner::space& over, const std::vector<std::string>& words);

}  // namespace fabric::actors
