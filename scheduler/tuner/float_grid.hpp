#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// Counted in units of 10^exponent: value k is the double nearest to (first + k * step) *
/// 10^exponent. Nothing is ever added up in doubles.
struct decimal_grid {
  std::int64_t first = 0;
  std::int64_t step = 1;
  int exponent = 0;
};

/// For bounds that are no short decimals, as a third: value k is low + k * step in doubles, each of
/// both rounded once, and high at most. So Optuna has it.
struct rounded_grid {
  double low = 0;
  double step = 1;
  double high = 0;
};

/// The values of a float range with a step. All are different.
struct float_grid {
  std::variant<decimal_grid, rounded_grid> by;
  std::uint64_t count = 1;

  [[nodiscard]] double at(std::uint64_t index) const;
  /// Nothing where `x` is not exactly one of the values.
  [[nodiscard]] std::optional<std::uint64_t> index_of(double x) const;
};

/// Nothing where the range has no step, is empty, or has values that doubles do not keep apart. It
/// is a decimal grid where `grid_units_max` and `grid_exponent_min` allow it; then the end of the
/// range counts as its shortest decimal.
std::optional<float_grid> grid_of(const float_range& range);

}  // namespace fabric::tuner
