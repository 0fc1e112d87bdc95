#include "fabric/object_id.hpp"

#include <charconv>

#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::size_t digits_of_half = 16;

void append_hex(std::string& text, std::uint64_t half) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[(half >> shift) & 0xf];
}

bool is_lower_hex(std::string_view text) {
  for (const char c : text)
    if (!is_digit(c) && (c < 'a' || c > 'f')) return false;
  return true;
}

std::uint64_t half_of(std::string_view digits) {
  std::uint64_t half = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), half, 16);
  return half;
}

}  // namespace

std::string to_string(const object_id& id) {
  std::string text;
  text.reserve(2 * digits_of_half);
  append_hex(text, id.high);
  append_hex(text, id.low);
  return text;
}

std::optional<object_id> parse_object_id(std::string_view text) {
  if (text.size() != 2 * digits_of_half || !is_lower_hex(text)) return std::nullopt;
  return object_id{half_of(text.substr(0, digits_of_half)), half_of(text.substr(digits_of_half))};
}

}  // namespace fabric
