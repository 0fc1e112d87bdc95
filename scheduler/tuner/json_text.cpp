#include "scheduler/tuner/json_text.hpp"

#include <cstdint>

#include "scheduler/tuner/decimal.hpp"

namespace fabric::tuner {

namespace {

bool is_json_digit(char c) { return c >= '0' && c <= '9'; }

/// Bytes of the UTF-8 character at the front; 0 where there is none (RFC 3629, table in section 4).
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  if (text.empty()) return 0;
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return second && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

void append_escaped(std::string& out, char c) {
  static constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte != 0x7F) {
    out += c;
    return;
  }
  out += "\\u00";
  out += hex[byte >> 4];
  out += hex[byte & 0xF];
}

std::optional<std::uint32_t> take_hex(std::string_view& rest) {
  if (rest.size() < 4) return std::nullopt;
  std::uint32_t code = 0;
  for (const char c : rest.substr(0, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    if (is_json_digit(c))
      code = code * 16 + static_cast<std::uint32_t>(c - '0');
    else if (lower >= 'a' && lower <= 'f')
      code = code * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    else
      return std::nullopt;
  }
  rest.remove_prefix(4);
  return code;
}

/// \uXXXX after its "\u", or two of them where the first is the upper half of a pair.
std::optional<std::uint32_t> take_unicode(std::string_view& rest) {
  const auto first = take_hex(rest);
  if (!first || *first < 0xD800 || *first > 0xDFFF) return first;
  if (*first > 0xDBFF || rest.substr(0, 2) != "\\u") return std::nullopt;
  rest.remove_prefix(2);
  const auto second = take_hex(rest);
  if (!second || *second < 0xDC00 || *second > 0xDFFF) return std::nullopt;
  return 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00);
}

std::optional<std::uint32_t> take_escape(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const char c = rest.front();
  rest.remove_prefix(1);
  switch (c) {
    case '"':
    case '\\':
    case '/': return static_cast<std::uint32_t>(c);
    case 'b': return 8;
    case 'f': return 12;
    case 'n': return 10;
    case 'r': return 13;
    case 't': return 9;
    case 'u': return take_unicode(rest);
    default: return std::nullopt;
  }
}

}  // namespace

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto size = character_size(text);
    if (size == 0)
      out += "\xEF\xBF\xBD";
    else if (size == 1)
      append_escaped(out, text.front());
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out + '"';
}

std::string shown(std::string_view text) {
  constexpr std::size_t shown_max = 60;
  auto quoted = json_quoted(text.substr(0, shown_max));
  return text.size() > shown_max ? quoted + "..." : quoted;
}

std::string json_float(double x) {
  auto text = shortest_text(x);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::optional<std::string> json_unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  auto rest = text.substr(1, text.size() - 2);
  std::string out;
  while (!rest.empty()) {
    const char c = rest.front();
    if (c == '"' || static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (c != '\\') {
      const auto size = character_size(rest);
      if (size == 0) return std::nullopt;
      out += rest.substr(0, size);
      rest.remove_prefix(size);
      continue;
    }
    rest.remove_prefix(1);
    const auto code = take_escape(rest);
    if (!code || *code == 0) return std::nullopt;
    append_utf8(out, *code);
  }
  return out;
}

bool is_json_word(std::string_view text) {
  if (text == "true" || text == "false" || text == "null") return true;
  if (!is_number(text) || text.front() == '+') return false;
  if (text.front() == '-') text.remove_prefix(1);
  if (text.empty() || !is_json_digit(text.front())) return false;
  if (text.size() > 1 && text.front() == '0' && is_json_digit(text[1])) return false;
  const auto point = text.find('.');
  return point == std::string_view::npos ||
         (point + 1 < text.size() && is_json_digit(text[point + 1]));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto size = character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace fabric::tuner
