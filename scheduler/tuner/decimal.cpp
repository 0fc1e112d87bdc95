#include "scheduler/tuner/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace fabric::tuner {

namespace {

/// Exponents beyond this are all the same to a double.
constexpr int exponent_bound = 100'000;
constexpr int digits_held_max = 18;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The parts of a number as typed.
struct number_parts {
  bool negative = false;
  std::string digits;  ///< before and after the point, without leading zeros
  int exponent = 0;    ///< of the last digit
};

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

int bounded_exponent(std::string_view digits, bool negative) {
  int e = 0;
  for (const char c : digits) e = std::min(e * 10 + (c - '0'), exponent_bound);
  return negative ? -e : e;
}

std::optional<number_parts> spell(std::string_view text) {
  number_parts number;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) number.negative = text[at++] == '-';
  const auto whole_end = skip_digits(text, at);
  number.digits = text.substr(at, whole_end - at);
  at = whole_end;
  if (at < text.size() && text[at] == '.') {
    const auto end = skip_digits(text, at + 1);
    number.digits += text.substr(at + 1, end - at - 1);
    number.exponent = -static_cast<int>(std::min<std::size_t>(end - at - 1, exponent_bound));
    at = end;
  }
  if (number.digits.empty()) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
    const auto end = skip_digits(text, at);
    if (end == at) return std::nullopt;
    number.exponent += bounded_exponent(text.substr(at, end - at), negative);
    at = end;
  }
  if (at != text.size()) return std::nullopt;
  number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size()));
  while (!number.digits.empty() && number.digits.back() == '0') {
    number.digits.pop_back();
    ++number.exponent;
  }
  return number;
}

std::optional<decimal> held(const number_parts& number) {
  if (number.digits.empty()) return decimal{};
  if (number.digits.size() > digits_held_max) return std::nullopt;
  std::int64_t digits = 0;
  for (const char c : number.digits) digits = digits * 10 + (c - '0');
  return decimal{number.negative ? -digits : digits, number.exponent};
}

/// d * 10^places, or nothing at `grid_units_max` and beyond. Precondition: places >= 0.
std::optional<std::int64_t> raised(std::int64_t digits, int places) {
  if (digits == 0) return 0;
  for (; places > 0; --places) {
    if (digits <= -grid_units_max || digits >= grid_units_max) return std::nullopt;
    digits *= 10;
  }
  if (digits <= -grid_units_max || digits >= grid_units_max) return std::nullopt;
  return digits;
}

}  // namespace

bool is_number(std::string_view text) { return spell(text).has_value(); }

std::optional<decimal> parse_decimal(std::string_view text) {
  const auto number = spell(text);
  return number ? held(*number) : std::nullopt;
}

std::optional<double> parse_double(std::string_view text) {
  if (!is_number(text)) return std::nullopt;
  if (text.front() == '+') text.remove_prefix(1);
  double x = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), x);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return x == 0 ? 0.0 : x;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  const auto digits = text.starts_with('+') || text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || skip_digits(digits, 0) != digits.size()) return std::nullopt;
  if (text.front() == '+') text = digits;
  std::int64_t x = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), x);
  return end.ec == std::errc{} ? std::optional{x} : std::nullopt;
}

decimal decimal_of(double x) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::scientific);
  // The shortest text of a double has at most 17 significant digits, so it is always held.
  return *parse_decimal({text.data(), end.ptr});
}

double nearest_double(std::int64_t digits, int exponent) {
  std::array<char, 48> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), digits).ptr;
  *end++ = 'e';
  end = std::to_chars(end, text.data() + text.size(), exponent).ptr;
  double x = 0;
  std::from_chars(text.data(), end, x);
  return x;
}

std::optional<std::int64_t> in_units(const decimal& d, int exponent) {
  if (d.digits == 0) return 0;
  if (d.exponent < exponent) return std::nullopt;
  return raised(d.digits, d.exponent - exponent);
}

std::optional<std::int64_t> in_units_floor(const decimal& d, int exponent) {
  if (d.exponent >= exponent || d.digits == 0) return in_units(d, exponent);
  std::int64_t whole = d.digits;
  bool below = false;
  for (int places = exponent - d.exponent; places > 0 && whole != 0; --places) {
    below = below || whole % 10 != 0;
    whole /= 10;
  }
  return raised(below && d.digits < 0 ? whole - 1 : whole, 0);
}

std::string shortest_text(double x) {
  const decimal d = decimal_of(x);
  const bool negative = d.digits < 0;
  std::string digits = std::to_string(negative ? -d.digits : d.digits);
  const int places = static_cast<int>(digits.size());
  const int leading = d.digits == 0 ? 0 : d.exponent + places - 1;  // power of the first digit
  std::string text = negative ? "-" : "";
  if (leading < -4 || leading >= 16) {
    const int size = leading < 0 ? -leading : leading;
    text += digits.front();
    if (places > 1) text += "." + digits.substr(1);
    text += leading < 0 ? "e-" : "e+";
    return text + (size < 10 ? "0" : "") + std::to_string(size);
  }
  if (leading < 0)
    return text + "0." + std::string(static_cast<std::size_t>(-leading - 1), '0') + digits;
  if (leading + 1 >= places)
    return text + digits + std::string(static_cast<std::size_t>(leading + 1 - places), '0');
  const auto point = static_cast<std::size_t>(leading + 1);
  return text + digits.substr(0, point) + "." + digits.substr(point);
}

}  // namespace fabric::tuner
