#include "actors/tune/objective_value.hpp"

#include <re2/re2.h>

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace fabric::actors {

namespace {

/// What commands print may be any bytes, so a pattern is one of bytes too.
RE2::Options pattern_options() {
  RE2::Options how{RE2::Latin1};
  how.set_log_errors(false);
  return how;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

fault no_value(std::string detail) { return {fault_code::task_failed, std::move(detail), ""}; }

result<double> number_in(std::string_view text, std::string_view where) {
  auto word = trimmed(text);
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc{} || rest != word.data() + word.size())
    return no_value(std::string{where} + " is no number: '" + last_line_of(text, 80) + "'");
  if (!std::isfinite(value))
    return no_value(std::string{where} + " is not finite: '" + last_line_of(text, 80) + "'");
  return value;
}

/// Calls `look` with each line from the last to the first until it answers true.
template <class Look>
bool any_line_backwards(std::string_view output, Look look) {
  while (!output.empty()) {
    const auto end = output.find_last_of('\n');
    const auto line = end == std::string_view::npos ? output : output.substr(end + 1);
    if (!trimmed(line).empty() && look(line)) return true;
    if (end == std::string_view::npos) return false;
    output = output.substr(0, end);
  }
  return false;
}

result<double> from_last_line(std::string_view output) {
  result<double> found = no_value("the objective printed nothing");
  any_line_backwards(output, [&found](std::string_view line) {
    found = number_in(line, "the last line of the output");
    return true;
  });
  return found;
}

/// The first group of the last match in a line, or all of it where the pattern has no group. A
/// group that took no part is empty.
std::optional<std::string_view> last_match(std::string_view line, const RE2& wanted) {
  const int groups = wanted.NumberOfCapturingGroups() > 0 ? 2 : 1;
  const re2::StringPiece text{line.data(), line.size()};
  std::optional<std::string_view> last;
  for (std::size_t from = 0; from <= line.size();) {
    std::array<re2::StringPiece, 2> found;
    if (!wanted.Match(text, from, text.size(), RE2::UNANCHORED, found.data(), groups)) break;
    const auto& part = found.at(static_cast<std::size_t>(groups) - 1);
    last = std::string_view{part.data(), part.size()};
    const auto end = static_cast<std::size_t>(found[0].data() + found[0].size() - line.data());
    from = found[0].empty() ? end + 1 : end;
  }
  return last;
}

result<double> from_regex(std::string_view output, const std::string& pattern) {
  const RE2 wanted(pattern, pattern_options());
  result<double> found = no_value("nothing in the output matches " + pattern);
  any_line_backwards(output, [&](std::string_view line) {
    const auto match = last_match(line, wanted);
    if (match) found = number_in(*match, "what " + pattern + " matches");
    return match.has_value();
  });
  return found;
}

result<double> from_json(std::string_view output, const std::string& pointer) {
  nlohmann::json document;
  const auto try_parse = [&document](std::string_view text) {
    document = nlohmann::json::parse(text, nullptr, false);
    return !document.is_discarded() && document.is_structured();
  };
  if (!any_line_backwards(output, try_parse) && !try_parse(output))
    return no_value("the output holds no JSON document");
  const nlohmann::json::json_pointer where(pointer);
  if (!document.contains(where)) return no_value("the JSON output has nothing at " + pointer);
  const auto& value = document.at(where);
  if (!value.is_number()) return no_value("the JSON output's " + pointer + " is no number");
  if (!std::isfinite(value.get<double>()))
    return no_value("the JSON output's " + pointer + " is not finite");
  return value.get<double>();
}

}  // namespace

result<value_rule> parse_value_rule(std::string_view text) {
  if (text == "last-line") return value_rule{};
  if (text.starts_with("regex:")) {
    value_rule rule{value_rule::kind::regex, std::string{text.substr(6)}};
    if (rule.argument.empty())
      return fault{fault_code::usage, "--value regex: has no expression",
                   "write it as in regex:loss=([0-9.]+)"};
    if (const RE2 probe(rule.argument, pattern_options()); !probe.ok())
      return fault{fault_code::usage, "--value '" + std::string{text} + "': " + probe.error(),
                   "expressions are RE2's, which has no look-around and no back-references"};
    return rule;
  }
  if (text.starts_with("json:")) {
    value_rule rule{value_rule::kind::json, std::string{text.substr(5)}};
    try {
      const nlohmann::json::json_pointer probe(rule.argument);
    } catch (const nlohmann::json::exception&) {
      return fault{fault_code::usage, "--value '" + std::string{text} + "' is no JSON pointer",
                   "write it as in json:/metrics/loss"};
    }
    return rule;
  }
  return fault{fault_code::usage, "--value '" + std::string{text} + "' is not known",
               "use last-line, regex:RE or json:/POINTER"};
}

result<double> value_in(std::string_view output, const value_rule& rule) {
  switch (rule.how) {
    case value_rule::kind::last_line: return from_last_line(output);
    case value_rule::kind::regex: return from_regex(output, rule.argument);
    case value_rule::kind::json: return from_json(output, rule.argument);
  }
  return no_value("no rule");
}

std::string last_line_of(std::string_view output, std::size_t bytes_max) {
  std::string found;
  any_line_backwards(output, [&](std::string_view line) {
    found = std::string{trimmed(line)};
    return true;
  });
  if (found.size() > bytes_max) found = found.substr(0, bytes_max) + "...";
  for (char& c : found)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return found;
}

}  // namespace fabric::actors
