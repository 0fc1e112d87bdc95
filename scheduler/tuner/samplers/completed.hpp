#pragma once

#include "scheduler/tuner/draws.hpp"
#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// The point that begins with these values: what they ask for and `p` lacks is drawn, what they
/// leave out is left out. Precondition: a coordinate in its range, or `inactive`, for each
/// parameter.
point completed(const space& over, point p, draws& from);

/// The parameters that the point has.
std::vector<std::size_t> active_in(std::span<const coordinate> p);

}  // namespace fabric::tuner
