#pragma once

#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::actors {

/// How an objective's value is read from what it printed.
struct value_rule {
  enum class kind : std::uint8_t { last_line, regex, json } how = kind::last_line;
  std::string argument;  ///< regular expression (RE2) or JSON pointer
};

/// "last-line", "regex:RE" or "json:/ptr". Faults: usage.
result<value_rule> parse_value_rule(std::string_view text);

/// The value in `output` (the last 256 KiB of standard output, any bytes):
/// - last_line: the last line that is not blank must be one number;
/// - regex: the first group (or the whole) of the last match, on a line, must be a number;
/// - json: the last line that is a JSON document, or else the whole output; the number at the
/// pointer. Numbers are decimal, as in 3, -2.5e-3. Faults: task_failed, saying what was found
/// instead, shortened and printable. Values that are not finite are faults too.
result<double> value_in(std::string_view output, const value_rule& rule);

/// The last line of `output` that is not blank, shortened to `bytes_max` and printable.
std::string last_line_of(std::string_view output, std::size_t bytes_max = 200);

}  // namespace fabric::actors
