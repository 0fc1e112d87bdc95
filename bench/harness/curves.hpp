#pragma once

#include <vector>

#include "actors/plots/svg.hpp"
#include "bench/harness/measurement.hpp"

namespace fabric::bench {

/// Where curves go: below `top`, side by side.
struct curve_place {
  double left = 0;
  double top = 0;
  double right = 0;
};

/// A panel for each line of the figures that are points of one, with its floor; both axes are
/// logarithmic. Answers where the panels end.
double draw_curves(plots::svg& to, const std::vector<measurement>& figures,
                   const curve_place& where);

}  // namespace fabric::bench
