#pragma once

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

namespace fabric::tuner {

/// The number that the whole text is, as C++ spells it without a plus sign: "3", "-0.5", "1e-5",
/// and for floats "inf" and "nan". Nothing where it is none, or does not fit.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number found{};
  const auto [rest, wrong] = std::from_chars(text.data(), text.data() + text.size(), found);
  if (wrong != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return found;
}

/// The double nearest to a number.
struct near_number {
  double value = 0;
  bool is_too_large =
      false;  ///< a finite number beyond the largest double: then `value` is infinite
};

/// As `number_in`, but numbers too near to 0 for a double are 0, and those too large are told from
/// infinity.
inline std::optional<near_number> nearest_number(std::string_view text) {
  constexpr auto infinite = std::numeric_limits<double>::infinity();
  const auto read = [text](auto& to) {
    const auto [rest, wrong] = std::from_chars(text.data(), text.data() + text.size(), to);
    return rest == text.data() + text.size() ? wrong : std::errc::invalid_argument;
  };
  double found = 0;
  const auto wrong = read(found);
  if (wrong == std::errc{}) return near_number{found};
  if (wrong != std::errc::result_out_of_range) return std::nullopt;
  long double wide = 0;
  const bool fits = read(wide) == std::errc{};
  const bool is_small = fits ? std::abs(wide) < 1 : text.find('-', 1) != std::string_view::npos;
  if (is_small) return near_number{static_cast<double>(wide)};
  return near_number{text.front() == '-' ? -infinite : infinite, true};
}

}  // namespace fabric::tuner
