#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/trial.hpp"

namespace fabric::actors {

/// How a number is read from what an objective printed.
struct value_rule {
  enum class kind : std::uint8_t { last_line, regex, json } how = kind::last_line;
  std::string argument;                    ///< regular expression (RE2) or JSON pointer
  std::string text = "--value last-line";  ///< as it was given, for hints
};

/// "last-line", "regex:RE" or "json:/ptr", as given with `flag`. Faults: usage.
result<value_rule> parse_value_rule(std::string_view text, const std::string& flag = "--value");

/// The value in `output` (the last 256 KiB of standard output, any bytes):
/// - last_line: the last line that is not blank must be one number;
/// - regex: the first group (or the whole) of the last match, on a line, must be a number;
/// - json: the last line that is a JSON document, or else the whole output; the number at the
/// pointer. Numbers are decimal, as in 3, -2.5e-3; what is too small for a double is 0. NaN and
/// infinity are values too, also as Python's json writes them: an evaluation may diverge. Faults:
/// task_failed, saying what was found instead, shortened and printable; too_large (for a double).
result<double> value_in(std::string_view output, const value_rule& rule);

/// What is read from an objective's output.
struct output_rules {
  std::size_t objectives = 1;
  std::vector<value_rule> values =
      std::vector<value_rule>(1);       ///< one an objective, or one that finds all of them
  std::vector<value_rule> constraints;  ///< of one number each
};

/// The values and constraints in `output`. One rule of several objectives finds all of their values
/// at one place:
/// - last_line: the numbers of the line, between blanks or commas, in brackets or not;
/// - regex: the groups of the last match;
/// - json: the array at the pointer.
/// How many they are is for the study to judge. Faults: as `value_in`, with the rule as hint.
result<tuner::finding> finding_in(std::string_view output, const output_rules& rules);

/// The last line of `output` that is not blank, shortened to `bytes_max` and printable.
std::string last_line_of(std::string_view output, std::size_t bytes_max = 200);

}  // namespace fabric::actors
