#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Decimal numbers held exactly, and their way to the nearest double and back.
namespace fabric::tuner {

/// digits * 10^exponent, exactly as it was typed but for trailing zeros: the digits never end in 0,
/// and zero is {0, 0}, so equal numbers have equal members.
struct decimal {
  std::int64_t digits = 0;
  int exponent = 0;

  bool operator==(const decimal&) const = default;
};

/// Grids stay below this many units of their last decimal place. Fifteen significant digits survive
/// the way into a double and back (DBL_DIG), so within this bound different decimals are different
/// doubles, and the shortest text that reads back as the double is the decimal itself.
inline constexpr std::int64_t grid_units_max = 1'000'000'000'000'000;

/// Grids finer than this leave the range in which a double keeps its full precision.
inline constexpr int grid_exponent_min = -300;

/// True for [+-]digits[.digits][e[+-]digits], with digits on at least one side of the point.
bool is_number(std::string_view text);

/// Nothing where the text is no number or has more than 18 significant digits.
std::optional<decimal> parse_decimal(std::string_view text);

/// Nothing where the text is no number or lies outside the doubles. -0 is 0.
std::optional<double> parse_double(std::string_view text);

/// Nothing where the text is not [+-]digits or lies outside int64.
std::optional<std::int64_t> parse_int(std::string_view text);

/// The shortest decimal that reads back as `x`. Precondition: x is finite.
decimal decimal_of(double x);

/// digits * 10^exponent rounded once, to nearest.
double nearest_double(std::int64_t digits, int exponent);

/// d / 10^exponent where that is a whole number of less than `grid_units_max`.
std::optional<std::int64_t> in_units(const decimal& d, int exponent);

/// d / 10^exponent rounded down; nothing where that is `grid_units_max` or more either way.
std::optional<std::int64_t> in_units_floor(const decimal& d, int exponent);

/// The shortest text that reads back as `x`, written as people expect: "0", "0.1", "100000",
/// "1e-05", "1e+16". Precondition: x is finite.
std::string shortest_text(double x);

}  // namespace fabric::tuner
