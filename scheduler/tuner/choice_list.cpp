#include "scheduler/tuner/choice_list.hpp"

#include <algorithm>
#include <array>

#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/json_value.hpp"
#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

namespace {

constexpr std::string_view blanks = " \t\r\n";

struct beyond {
  std::string_view written;
  std::string_view json;
};

/// Numbers that JSON lacks. As bare words they would be text.
constexpr std::array numbers_beyond = {beyond{"float(nan)", "NaN"},
                                       beyond{"float(inf)", "Infinity"},
                                       beyond{"float(-inf)", "-Infinity"}};

/// Reads a list of choices from its front.
class choice_reader {
 public:
  choice_reader(std::string_view name, std::string_view inside) : name_(name), rest_(inside) {}

  result<std::vector<std::string>> read() {
    std::vector<std::string> list;
    while (true) {
      skip_blanks();
      auto choice = next();
      if (!choice) return choice.error();
      if (list.size() == choices_max)
        return parameter_fault(name_, "there are too many choices",
                               "at most " + std::to_string(choices_max) + " are possible");
      list.push_back(std::move(*choice));
      skip_blanks();
      if (rest_.empty()) return list;
      if (rest_.front() != ',')
        return parameter_fault(name_, "a comma is missing before " + shown(rest_),
                               "separate choices by commas; quote those with spaces");
      rest_.remove_prefix(1);
    }
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
  }

  std::string_view take(std::size_t size) {
    const auto front = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return front;
  }

  result<std::string> next() {
    if (rest_.starts_with('\'')) return plain_quoted();
    if (rest_.starts_with('"')) return escaped();
    if (rest_.starts_with('[') || rest_.starts_with('{')) return composite();
    return bare();
  }

  result<std::string> plain_quoted() {
    const auto end = end_of_quoted(rest_, 0);
    if (end == std::string_view::npos) return not_closed();
    return plain(take(end).substr(1, end - 2));
  }

  result<std::string> escaped() {
    const auto end = end_of_quoted(rest_, 0);
    if (end == std::string_view::npos) return not_closed();
    const auto json = take(end);
    if (auto choice = canonical_choice(json)) return *std::move(choice);
    return parameter_fault(name_, shown(json) + " is no JSON string",
                           "in \"...\" write a backslash as \\\\, or use '...'");
  }

  result<std::string> composite() {
    const auto json = take(json_size_at_front(rest_));
    if (auto choice = canonical_choice(json)) return *std::move(choice);
    return parameter_fault(name_, shown(json) + " is no JSON value",
                           "write lists as in [64,\"relu\"], or put the whole choice in '...'");
  }

  result<std::string> bare() {
    const auto word = take(std::min(rest_.find_first_of(", \t\r\n"), rest_.size()));
    for (const auto& [written, json] : numbers_beyond)
      if (word == written) return std::string{json};
    if (word.empty())
      return parameter_fault(name_, "a choice is empty", "write '' for the empty text");
    if (word.find_first_of("()[]{}'\"") != std::string_view::npos)
      return parameter_fault(name_, shown(word) + " has brackets or quotes inside",
                             "put the whole choice in quotes");
    if (!is_json_word(word)) return plain(word);
    if (auto choice = canonical_choice(word)) return *std::move(choice);
    return parameter_fault(name_, shown(word) + " is too large a number",
                           "put it in quotes to keep it as text");
  }

  result<std::string> plain(std::string_view text) {
    if (is_utf8(text) && text.find('\0') == std::string_view::npos) return json_quoted(text);
    return parameter_fault(name_, "the choice " + shown(text) + " is not UTF-8 text",
                           "choices are UTF-8 without NUL");
  }

  result<std::string> not_closed() {
    return parameter_fault(name_, "the quote before " + shown(rest_.substr(1)) + " is not closed",
                           "close it with the same quote");
  }

  std::string_view name_;
  std::string_view rest_;
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

fault parameter_fault(std::string_view name, const std::string& what, std::string remedy) {
  return {fault_code::usage,
          "parameter " + (is_plain_name(name) ? std::string{name} : shown(name)) + ": " + what,
          std::move(remedy)};
}

result<std::vector<std::string>> parse_choices(std::string_view name, std::string_view text) {
  return choice_reader(name, text).read();
}

std::string choice_text(const std::string& choice) {
  for (const auto& [written, json] : numbers_beyond)
    if (choice == json) return std::string{written};
  const auto word = choice.starts_with('"') ? choice.substr(1, choice.size() - 2) : choice;
  const bool is_bare = !word.empty() &&
                       word.find_first_of(", \t\r\n()[]{}'\"\\") == std::string::npos &&
                       (word.size() == choice.size() || !is_json_word(word));
  return is_bare ? word : choice;
}

std::size_t end_of_quoted(std::string_view text, std::size_t quote) {
  if (text[quote] == '\'') {
    const auto close = text.find('\'', quote + 1);
    return close == std::string_view::npos ? close : close + 1;
  }
  std::size_t close = quote + 1;
  while (close < text.size() && text[close] != '"') close += text[close] == '\\' ? 2 : 1;
  return close < text.size() ? close + 1 : std::string_view::npos;
}

}  // namespace fabric::tuner
