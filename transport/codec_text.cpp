#include "transport/codec_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fabric::transport::codec {

namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t label_value_bytes_max = 512;  // 128 characters of up to four bytes

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The length of the well-formed sequence at the beginning of `s` (which is not empty), or 0.
/// Bounds of the second byte are those of table 3-7 of the Unicode standard.
std::size_t sequence_at(std::string_view s) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xc2   ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || s.size() < length) return 0;
  const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((at(i) & 0xc0) != 0x80) return 0;
  return length;
}

}  // namespace

std::string_view objection_to_text(std::string_view s) {
  if (s.size() > text_bytes_max) return "a text is too long";
  if (!is_utf8(s)) return "a text is not UTF-8";
  return {};
}

bool is_utf8(std::string_view s) {
  while (!s.empty()) {
    const std::size_t n = sequence_at(s);
    if (n == 0) return false;
    s.remove_prefix(n);
  }
  return true;
}

bool is_resource_name(std::string_view s) {
  return !s.empty() && s.size() <= name_bytes_max && is_lower(s[0]) &&
         std::all_of(s.begin(), s.end(), [](char c) {
           return is_lower(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
         });
}

bool is_label_key(std::string_view s) {
  return !s.empty() && s.size() <= name_bytes_max && is_letter(s[0]) &&
         std::all_of(s.begin(), s.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '/' || c == '-';
         });
}

bool is_label_value(std::string_view s) {
  return s.size() <= label_value_bytes_max && is_utf8(s) &&
         std::none_of(s.begin(), s.end(), [](char c) {
           return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f || c == ',' || c == '=' ||
                  c == '!';
         });
}

}  // namespace fabric::transport::codec
