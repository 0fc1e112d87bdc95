#pragma once

#include "scheduler/tuner/draws.hpp"

/// The standard normal distribution.
namespace fabric::tuner {

/// The mass between `low` and `high`, precise also far out on either side.
/// Precondition: low <= high.
double normal_mass(double low, double high);

/// By Marsaglia's polar method (SIAM Review 6, 1964).
double draw_normal(draws& from);

}  // namespace fabric::tuner
