#pragma once

#include <cstdint>
#include <optional>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// The values of a float range with a step, counted in units of 10^exponent: value k is the double
/// nearest to (first + k * step) * 10^exponent. Nothing is ever added up in doubles.
struct float_grid {
  std::int64_t first = 0;
  std::int64_t step = 1;
  int exponent = 0;
  std::uint64_t count = 1;

  [[nodiscard]] double at(std::uint64_t index) const;
  /// Nothing where `x` is not exactly one of the values.
  [[nodiscard]] std::optional<std::uint64_t> index_of(double x) const;
};

/// Nothing where the range has no step, is empty, or needs more digits than doubles keep apart
/// (`grid_units_max`, `grid_exponent_min`). The end of the range counts as its shortest decimal.
std::optional<float_grid> grid_of(const float_range& range);

}  // namespace fabric::tuner
