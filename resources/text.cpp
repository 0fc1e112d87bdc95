#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::size_t quoted_chars_max = 64;
constexpr std::string_view blanks = " \t\r\n";

}  // namespace

std::string quoted(std::string_view text) {
  std::string out{"'"};
  out += text.substr(0, quoted_chars_max);
  if (text.size() > quoted_chars_max) out += "...";
  out += '\'';
  return out;
}

std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (auto end = text.find(separator); end != text.npos; end = text.find(separator)) {
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  pieces.push_back(text);
  return pieces;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace fabric
