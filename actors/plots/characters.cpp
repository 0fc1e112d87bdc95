#include "actors/plots/characters.hpp"

#include <algorithm>

#include "scheduler/tuner/json_text.hpp"

namespace fabric::plots {

namespace {

constexpr double character_share = 0.6;  // of the font's size

/// Bytes of the character at the front; 0 where none begins there.
std::size_t size_of_first(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size)
    if (tuner::is_utf8(text.substr(0, size))) return size;
  return 0;
}

}  // namespace

void for_each_character(std::string_view text, const std::function<void(std::string_view)>& each) {
  while (!text.empty()) {
    const auto size = size_of_first(text);
    each(size == 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

double width_of(std::string_view text, double font_size) {
  double characters = 0;
  for_each_character(text, [&](std::string_view) { ++characters; });
  return characters * character_share * font_size;
}

std::string shortened(std::string_view text, double width, double font_size) {
  if (width_of(text, font_size) <= width) return std::string{text};
  double room = width / (character_share * font_size) - 1;
  std::string out;
  for_each_character(text, [&](std::string_view c) {
    if (--room >= 0) out += c;
  });
  return out + "\xE2\x80\xA6";
}

}  // namespace fabric::plots
