#include "actors/tune/objective_value.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

namespace fabric::actors {

namespace {

constexpr std::size_t regex_line_bytes_max = 4096;  ///< std::regex recurses on long lines

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

result<double> from_regex(std::string_view output, const std::string& pattern) {
  const std::regex wanted(pattern);
  result<double> found = no_value("nothing in the output matches " + pattern);
  any_line_backwards(output, [&](std::string_view line) {
    const auto part = line.substr(0, regex_line_bytes_max);
    std::cregex_iterator each(part.data(), part.data() + part.size(), wanted);
    const std::cregex_iterator end;
    if (each == end) return false;
    std::cmatch last;
    for (; each != end; ++each) last = *each;
    const auto& group = last.size() > 1 ? last[1] : last[0];
    found = number_in(group.str(), "what " + pattern + " matches");
    return true;
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
    try {
      const std::regex probe(rule.argument);
    } catch (const std::regex_error& wrong) {
      return fault{fault_code::usage, "--value '" + std::string{text} + "': " + wrong.what(), ""};
    }
    if (rule.argument.empty())
      return fault{fault_code::usage, "--value regex: has no expression", ""};
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
