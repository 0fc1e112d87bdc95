#pragma once

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// The coordinate that lies the fraction `u` of the way through a range: uniform `u` gives uniform
/// values, or uniform logarithms where the range says so (an int stands for half a unit to each
/// side). Precondition: 0 <= u < 1.
coordinate stretched(const parameter& p, double u);
/// The same where `u` may lie outside: the end of the range then.
coordinate stretched_within(const parameter& p, double u);

/// The fractions that `stretched` sends to one coordinate: a single one where the range is
/// continuous.
struct stretch_cell {
  double low = 0;     ///< in [0, 1]
  double middle = 0;  ///< of the value itself, which in a logarithmic range is not half way
  double high = 0;

  [[nodiscard]] double width() const { return high - low; }
};

/// Precondition: `c` lies in the range of `p`.
stretch_cell cell_of(const parameter& p, coordinate c);

}  // namespace fabric::tuner
