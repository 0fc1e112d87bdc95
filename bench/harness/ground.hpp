#pragma once

#include <string>
#include <vector>

#include "scheduler/tuner/space.hpp"

namespace fabric::bench {

/// A function to be made small, over a space: what samplers are measured on. Optima lie off the
/// middle, so that nobody is given them.
struct ground {
  std::string name;
  std::vector<std::string> parameters;           ///< as `parse_parameter` reads them
  double (*loss)(const std::vector<double>& x);  ///< categories come as their index
  double noise = 0;  ///< deviation of what a sampler is told; it is judged without

  [[nodiscard]] tuner::space space() const;
};

/// Standard functions (Jamil, Yang: "A literature survey of benchmark functions", 2013), shifted:
/// smooth and rugged, 2 to 20 dimensions, mixed, discrete.
const std::vector<ground>& all_grounds();

}  // namespace fabric::bench
