#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fabric {

/// Text between quotes for a fault's detail; long text is cut, so that a log line stays one.
std::string quoted(std::string_view text);

/// The pieces between `separator`s; the empty text has one empty piece.
std::vector<std::string_view> pieces_of(std::string_view text, char separator);

/// Text without spaces, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace fabric
