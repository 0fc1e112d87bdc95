#include "scheduler/tuner/float_grid.hpp"

#include <algorithm>
#include <cmath>

namespace fabric::tuner {

double float_grid::at(std::uint64_t index) const {
  return nearest_double(first + static_cast<std::int64_t>(index) * step, exponent);
}

std::optional<std::uint64_t> float_grid::index_of(double x) const {
  if (!std::isfinite(x)) return std::nullopt;
  const auto units = in_units(decimal_of(x), exponent);
  if (!units || *units < first || (*units - first) % step != 0) return std::nullopt;
  const auto index = static_cast<std::uint64_t>((*units - first) / step);
  if (index >= count) return std::nullopt;
  return index;
}

std::optional<float_grid> grid_of(const float_range& range) {
  if (!range.step || !std::isfinite(range.high)) return std::nullopt;
  const int exponent = range.exact_low.digits == 0
                           ? range.exact_step.exponent
                           : std::min(range.exact_low.exponent, range.exact_step.exponent);
  if (exponent < grid_exponent_min) return std::nullopt;
  const auto first = in_units(range.exact_low, exponent);
  const auto step = in_units(range.exact_step, exponent);
  const auto last = in_units_floor(decimal_of(range.high), exponent);
  if (!first || !step || !last || *step <= 0 || *last < *first) return std::nullopt;
  const auto count = static_cast<std::uint64_t>((*last - *first) / *step) + 1;
  return float_grid{*first, *step, exponent, count};
}

}  // namespace fabric::tuner
