#include <algorithm>
#include <span>

#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

fault parameter_fault(std::string_view name, const std::string& what, std::string remedy) {
  return {fault_code::usage, "parameter " + std::string{name} + ": " + what, std::move(remedy)};
}

/// "x=int(1,2)" in its parts, each without blanks around it.
struct declaration {
  std::string_view name;
  std::string_view kind;
  std::string_view inside;
};

result<declaration> split(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    return fault{fault_code::usage, shown(trimmed(text)) + " is no parameter: it has no '='",
                 "write name=int(low,high), name=float(low,high) or name=choice(a,b)"};
  const auto name = trimmed(text.substr(0, equals));
  // A name that is none must not be repeated raw in the faults below.
  if (const auto sound = check({std::string{name}, int_range{}}); !sound) return sound.error();
  const auto body = trimmed(text.substr(equals + 1));
  const auto open = body.find('(');
  if (open == std::string_view::npos)
    return parameter_fault(name, shown(body) + " has no '('",
                           "write int(low,high), float(low,high) or choice(a,b)");
  if (!body.ends_with(')'))
    return parameter_fault(name, shown(body) + " does not end with ')'",
                           "close the parenthesis and write nothing after it");
  return declaration{name, trimmed(body.substr(0, open)),
                     body.substr(open + 1, body.size() - open - 2)};
}

/// low, high and the options of a range, still text.
struct range_text {
  std::string_view low;
  std::string_view high;
  std::optional<std::string_view> step;
  bool log = false;
};

std::vector<std::string_view> split_at_commas(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

result<range_text> read_range(const declaration& d) {
  const auto parts = split_at_commas(d.inside);
  if (parts.size() < 2)
    return parameter_fault(d.name, "a range needs a low and a high, not " + shown(d.inside),
                           "write " + std::string{d.kind} + "(low,high)");
  range_text range{parts[0], parts[1], std::nullopt, false};
  for (const auto part : std::span{parts}.subspan(2)) {
    const auto equals = part.find('=');
    const auto option = trimmed(part.substr(0, equals));
    if (option == "log" && equals == std::string_view::npos && !range.log) {
      range.log = true;
    } else if (option == "step" && equals != std::string_view::npos && !range.step) {
      range.step = trimmed(part.substr(equals + 1));
    } else {
      const bool known = part == "log" || (option == "step" && equals != std::string_view::npos);
      return parameter_fault(d.name,
                             shown(part) + (known ? " is given twice" : " is no option of a range"),
                             "after low and high write step=NUMBER or log, once");
    }
  }
  if (range.log && range.step)
    return parameter_fault(d.name, "log and a step exclude each other", "leave one of them out");
  return range;
}

result<std::int64_t> read_int(std::string_view name, std::string_view text) {
  if (const auto x = parse_int(text)) return *x;
  const bool too_long = is_number(text) && text.find_first_of(".eE") == std::string_view::npos;
  return parameter_fault(
      name, shown(text) + (too_long ? " does not fit into 64 bits" : " is no whole number"),
      "an int takes whole numbers from -9223372036854775808 to 9223372036854775807");
}

result<double> read_double(std::string_view name, std::string_view text) {
  if (const auto x = parse_double(text)) return *x;
  return parameter_fault(name,
                         shown(text) + (is_number(text) ? " is outside the range of a double"
                                                        : " is no finite number"),
                         "write a number as in 0.1 or 1e-5");
}

result<decimal> read_decimal(std::string_view name, std::string_view text) {
  if (const auto d = parse_decimal(text)) return *d;
  return parameter_fault(name, shown(text) + " has more digits than a grid can hold",
                         "give it at most 15 significant digits");
}

result<int_range> read_int_range(const declaration& d) {
  const auto text = read_range(d);
  if (!text) return text.error();
  const auto low = read_int(d.name, text->low);
  if (!low) return low.error();
  const auto high = read_int(d.name, text->high);
  if (!high) return high.error();
  const auto step = text->step ? read_int(d.name, *text->step) : result<std::int64_t>{1};
  if (!step) return step.error();
  return int_range{*low, *high, *step, text->log};
}

result<float_range> read_float_range(const declaration& d) {
  const auto text = read_range(d);
  if (!text) return text.error();
  const auto low = read_double(d.name, text->low);
  if (!low) return low.error();
  const auto high = read_double(d.name, text->high);
  if (!high) return high.error();
  float_range range{*low, *high, text->log, std::nullopt};
  if (!text->step) return range;
  const auto step = read_double(d.name, *text->step);
  if (!step) return step.error();
  const auto exact_low = read_decimal(d.name, text->low);
  if (!exact_low) return exact_low.error();
  const auto exact_step = read_decimal(d.name, *text->step);
  if (!exact_step) return exact_step.error();
  range.step = *step;
  range.exact_low = *exact_low;
  range.exact_step = *exact_step;
  return range;
}

/// Reads the list of a choice(...) from its front.
class choice_reader {
 public:
  choice_reader(std::string_view name, std::string_view inside) : name_(name), rest_(inside) {}

  result<category> read() {
    category list;
    while (true) {
      skip_blanks();
      auto choice = next();
      if (!choice) return choice.error();
      if (list.choices.size() == choices_max)
        return parameter_fault(name_, "there are too many choices",
                               "at most " + std::to_string(choices_max) + " are possible");
      list.choices.push_back(std::move(*choice));
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
    return bare();
  }

  result<std::string> plain_quoted() {
    const auto close = rest_.find('\'', 1);
    if (close == std::string_view::npos) return not_closed();
    const auto text = take(close + 1).substr(1, close - 1);
    return plain(text);
  }

  result<std::string> escaped() {
    std::size_t close = 1;
    while (close < rest_.size() && rest_[close] != '"') close += rest_[close] == '\\' ? 2 : 1;
    if (close >= rest_.size()) return not_closed();
    const auto json = take(close + 1);
    if (auto choice = canonical_choice(json)) return *std::move(choice);
    return parameter_fault(name_, shown(json) + " is no JSON string",
                           "in \"...\" write a backslash as \\\\, or use '...'");
  }

  result<std::string> bare() {
    const auto word = take(std::min(rest_.find_first_of(", \t\r\n"), rest_.size()));
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

result<parameter> assembled(const declaration& d) {
  parameter p{std::string{d.name}, int_range{}};
  if (d.kind == "int") {
    const auto range = read_int_range(d);
    if (!range) return range.error();
    p.over = *range;
  } else if (d.kind == "float") {
    const auto range = read_float_range(d);
    if (!range) return range.error();
    p.over = *range;
  } else if (d.kind == "choice") {
    auto list = choice_reader(d.name, d.inside).read();
    if (!list) return list.error();
    p.over = *std::move(list);
  } else {
    return parameter_fault(d.name, shown(d.kind) + " is no kind of parameter",
                           "the kinds are int, float and choice");
  }
  return p;
}

std::string spelled(const int_range& range) {
  auto text = "int(" + std::to_string(range.low) + ',' + std::to_string(range.high);
  if (range.step != 1) text += ",step=" + std::to_string(range.step);
  return text + (range.log ? ",log)" : ")");
}

std::string spelled(const float_range& range) {
  auto text = "float(" + shortest_text(range.low) + ',' + shortest_text(range.high);
  if (range.step) text += ",step=" + shortest_text(*range.step);
  return text + (range.log ? ",log)" : ")");
}

std::string spelled(const category& list) {
  std::string text = "choice(";
  for (const auto& choice : list.choices) {
    if (text.back() != '(') text += ',';
    const auto word = choice.starts_with('"') ? choice.substr(1, choice.size() - 2) : choice;
    const bool bare = !word.empty() &&
                      word.find_first_of(", \t\r\n()[]{}'\"\\") == std::string::npos &&
                      (word.size() == choice.size() || !is_json_word(word));
    text += bare ? word : choice;
  }
  return text + ')';
}

}  // namespace

result<parameter> parse_parameter(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return parts.error();
  auto p = assembled(*parts);
  if (!p) return p;
  if (const auto sound = check(*p); !sound) return sound.error();
  return p;
}

std::string to_string(const parameter& p) {
  return p.name + '=' + std::visit([](const auto& range) { return spelled(range); }, p.over);
}

}  // namespace fabric::tuner
