#pragma once

#include <charconv>
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

}  // namespace fabric::tuner
