#include "scheduler/tuner/float_grid.hpp"

#include <algorithm>
#include <cmath>

namespace fabric::tuner {

namespace {

/// How far a value may be from its place, in steps. As Optuna.
constexpr double places_tolerance = 1e-8;
/// Rounding takes less than three units in the last place of the larger bound, so steps of this
/// part of it keep values apart.
constexpr double steps_max = 0x1p49;

double value_at(const decimal_grid& grid, std::uint64_t index) {
  return nearest_double(grid.first + static_cast<std::int64_t>(index) * grid.step, grid.exponent);
}

double value_at(const rounded_grid& grid, std::uint64_t index) {
  return std::min(grid.low + static_cast<double>(index) * grid.step, grid.high);
}

std::optional<std::uint64_t> index_in(const decimal_grid& grid, double x) {
  const auto units = in_units(decimal_of(x), grid.exponent);
  if (!units || *units < grid.first || (*units - grid.first) % grid.step != 0) return std::nullopt;
  return static_cast<std::uint64_t>((*units - grid.first) / grid.step);
}

std::optional<std::uint64_t> index_in(const rounded_grid& grid, double x) {
  const double place = std::round((x - grid.low) / grid.step);
  if (!(place >= 0 && place <= steps_max)) return std::nullopt;
  const auto index = static_cast<std::uint64_t>(place);
  return value_at(grid, index) == x ? std::optional{index} : std::nullopt;
}

std::optional<float_grid> decimal_grid_of(const float_range& range) {
  const int exponent = range.exact_low.digits == 0
                           ? range.exact_step.exponent
                           : std::min(range.exact_low.exponent, range.exact_step.exponent);
  if (exponent < grid_exponent_min) return std::nullopt;
  const auto first = in_units(range.exact_low, exponent);
  const auto step = in_units(range.exact_step, exponent);
  const auto last = in_units_floor(decimal_of(range.high), exponent);
  if (!first || !step || !last || *step <= 0 || *last < *first) return std::nullopt;
  const auto count = static_cast<std::uint64_t>((*last - *first) / *step) + 1;
  return float_grid{decimal_grid{*first, *step, exponent}, count};
}

std::optional<float_grid> rounded_grid_of(const float_range& range) {
  const double steps = (range.high - range.low) / *range.step;
  const double largest = std::max(std::abs(range.low), std::abs(range.high)) / *range.step;
  if (!(*range.step > 0 && steps >= 0 && steps < steps_max && largest < steps_max))
    return std::nullopt;
  const auto count = static_cast<std::uint64_t>(std::floor(steps + places_tolerance)) + 1;
  return float_grid{rounded_grid{range.low, *range.step, range.high}, count};
}

}  // namespace

double float_grid::at(std::uint64_t index) const {
  return std::visit([index](const auto& grid) { return value_at(grid, index); }, by);
}

std::optional<std::uint64_t> float_grid::index_of(double x) const {
  if (!std::isfinite(x)) return std::nullopt;
  const auto index = std::visit([x](const auto& grid) { return index_in(grid, x); }, by);
  return index && *index < count ? index : std::nullopt;
}

std::optional<float_grid> grid_of(const float_range& range) {
  if (!range.step || !std::isfinite(range.high)) return std::nullopt;
  if (auto decimals = decimal_grid_of(range)) return decimals;
  return rounded_grid_of(range);
}

}  // namespace fabric::tuner
