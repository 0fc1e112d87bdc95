#include "actors/tune/objective_value.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "actors/store/journal_record.hpp"
#include "scheduler/tuner/number_in.hpp"

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
  const auto quoted = ": '" + last_line_of(text, 80) + "'";
  const auto found = tuner::nearest_number(word);
  if (!found) return no_value(std::string{where} + " is no number" + quoted);
  if (found->is_too_large)
    return fault{fault_code::too_large, std::string{where} + " is too large a number" + quoted, ""};
  return found->value;
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

using numbers = std::vector<double>;

/// Each of the words must be a number.
result<numbers> numbers_in(const std::vector<std::string_view>& words, std::string_view where) {
  numbers found;
  for (const auto word : words) {
    auto number = number_in(word, where);
    if (!number) return std::move(number).error();
    found.push_back(*number);
  }
  return found;
}

/// "0.93 12.5", "0.93, 12.5", "(0.93, 12.5)", "[0.93, 12.5]"
std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view between = " \t\r\n\v\f,()[]";
  std::vector<std::string_view> words;
  for (auto from = line.find_first_not_of(between); from != std::string_view::npos;) {
    const auto to = line.find_first_of(between, from);
    words.push_back(line.substr(from, to - from));
    from = line.find_first_not_of(between, to);
  }
  return words;
}

/// `most`: of how many numbers the line may be.
result<numbers> from_last_line(std::string_view output, std::size_t most) {
  result<numbers> found = no_value("the objective printed nothing");
  any_line_backwards(output, [&](std::string_view line) {
    constexpr std::string_view where = "the last line of the output";
    found = numbers_in(most == 1 ? std::vector{line} : words_of(line), where);
    return true;
  });
  return found;
}

/// The first groups of the last match in a line, `most` at most, or all of it where the pattern has
/// no group. A group that took no part is empty.
std::vector<std::string_view> last_match(std::string_view line, const RE2& wanted,
                                         std::size_t most) {
  const auto there = static_cast<std::size_t>(wanted.NumberOfCapturingGroups());
  const auto groups = std::min(there, most);
  const re2::StringPiece text{line.data(), line.size()};
  std::vector<std::string_view> last;
  std::vector<re2::StringPiece> found(groups + 1);
  for (std::size_t from = 0; from <= line.size();) {
    if (!wanted.Match(text, from, text.size(), RE2::UNANCHORED, found.data(),
                      static_cast<int>(found.size())))
      break;
    last.clear();
    for (std::size_t i = groups == 0 ? 0 : 1; i < found.size(); ++i)
      last.emplace_back(found[i].data(), found[i].size());
    const auto end = static_cast<std::size_t>(found[0].data() + found[0].size() - line.data());
    from = found[0].empty() ? end + 1 : end;
  }
  return last;
}

result<numbers> from_regex(std::string_view output, const std::string& pattern, std::size_t most) {
  const RE2 wanted(pattern, pattern_options());
  result<numbers> found = no_value("nothing in the output matches " + pattern);
  any_line_backwards(output, [&](std::string_view line) {
    const auto match = last_match(line, wanted, most);
    if (!match.empty()) found = numbers_in(match, "what " + pattern + " matches");
    return !match.empty();
  });
  return found;
}

result<numbers> from_json(std::string_view output, const std::string& pointer, std::size_t most) {
  nlohmann::json document;
  const auto try_parse = [&document](std::string_view text) {
    document = store::read_python_json(text);
    return !document.is_discarded() && document.is_structured();
  };
  if (!any_line_backwards(output, try_parse) && !try_parse(output))
    return no_value("the output holds no JSON document");
  const nlohmann::json::json_pointer where(pointer);
  if (!document.contains(where)) return no_value("the JSON output has nothing at " + pointer);
  const auto& value = document.at(where);
  const bool is_list = most > 1 && value.is_array();
  numbers found;
  for (const auto& each : is_list ? value : nlohmann::json::array({value})) {
    const auto number = store::number_of(each);
    if (!number)
      return no_value("the JSON output's " + pointer +
                      (is_list ? " is no list of numbers" : " is no number"));
    found.push_back(*number);
  }
  return found;
}

result<numbers> numbers_by(std::string_view output, const value_rule& rule, std::size_t most) {
  switch (rule.how) {
    case value_rule::kind::last_line: return from_last_line(output, most);
    case value_rule::kind::regex: return from_regex(output, rule.argument, most);
    case value_rule::kind::json: return from_json(output, rule.argument, most);
  }
  return no_value("no rule");
}

result<numbers> numbers_at(std::string_view output, const value_rule& rule, std::size_t most) {
  auto found = numbers_by(output, rule, most);
  if (!found) found.error().hint = rule.text;
  return found;
}

}  // namespace

result<value_rule> parse_value_rule(std::string_view text, const std::string& flag) {
  if (text == "last-line") return value_rule{};
  const auto given = flag + " '" + std::string{text} + "'";
  if (text.starts_with("regex:")) {
    value_rule rule{value_rule::kind::regex, std::string{text.substr(6)}, given};
    if (rule.argument.empty())
      return fault{fault_code::usage, flag + " regex: has no expression",
                   "write it as in regex:loss=([0-9.]+)"};
    if (const RE2 probe(rule.argument, pattern_options()); !probe.ok())
      return fault{fault_code::usage, flag + " '" + std::string{text} + "': " + probe.error(),
                   "expressions are RE2's, which has no look-around and no back-references"};
    return rule;
  }
  if (text.starts_with("json:")) {
    value_rule rule{value_rule::kind::json, std::string{text.substr(5)}, given};
    try {
      const nlohmann::json::json_pointer probe(rule.argument);
    } catch (const nlohmann::json::exception&) {
      return fault{fault_code::usage, flag + " '" + std::string{text} + "' is no JSON pointer",
                   "write it as in json:/metrics/loss"};
    }
    return rule;
  }
  return fault{fault_code::usage, flag + " '" + std::string{text} + "' is not known",
               "use last-line, regex:RE or json:/POINTER"};
}

result<double> value_in(std::string_view output, const value_rule& rule) {
  auto found = numbers_at(output, rule, 1);
  if (!found) return std::move(found).error();
  return found->front();
}

result<tuner::finding> finding_in(std::string_view output, const output_rules& rules) {
  tuner::finding found;
  if (rules.values.size() == 1) {
    auto values = numbers_at(output, rules.values.front(), rules.objectives);
    if (!values) return std::move(values).error();
    found.values = std::move(*values);
  } else {
    for (const auto& rule : rules.values) {
      auto value = value_in(output, rule);
      if (!value) return std::move(value).error();
      found.values.push_back(*value);
    }
  }
  for (const auto& rule : rules.constraints) {
    auto constraint = value_in(output, rule);
    if (!constraint) return std::move(constraint).error();
    found.constraints.push_back(*constraint);
  }
  return found;
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
