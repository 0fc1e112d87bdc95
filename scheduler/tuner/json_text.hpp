#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The little JSON that trials need: scalars, in one spelling each.
namespace fabric::tuner {

/// A JSON string. Bytes that are not UTF-8 become U+FFFD; control characters are escaped.
std::string json_quoted(std::string_view text);

/// The first 60 bytes of something typed, quoted, for a fault: one line, however hostile.
std::string shown(std::string_view text);

/// A JSON number that reads back as a float: shortest digits, with ".0" where it would look whole.
std::string json_float(double x);

/// The text inside a JSON string (with its quotes). Nothing where it is no JSON string, is not
/// UTF-8, or has a NUL or half a surrogate pair, which no command line can carry.
std::optional<std::string> json_unquoted(std::string_view text);

/// True for true, false, null and what JSON calls a number.
bool is_json_word(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace fabric::tuner
