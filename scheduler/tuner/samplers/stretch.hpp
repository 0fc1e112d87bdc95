#pragma once

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// The coordinate that lies the fraction `u` of the way through a range: uniform `u` gives uniform
/// values, or uniform logarithms where the range says so (an int stands for half a unit to each
/// side). Precondition: 0 <= u < 1.
coordinate stretched(const parameter& p, double u);

}  // namespace fabric::tuner
