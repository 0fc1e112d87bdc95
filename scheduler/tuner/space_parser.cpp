#include <span>

#include "scheduler/tuner/choice_list.hpp"
#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/space_condition.hpp"

namespace fabric::tuner {

namespace {

/// "x=int(1,2)" in its parts, each without blanks around it.
struct declaration {
  std::string name;
  std::string_view kind;
  std::string_view inside;
};

fault no_equals(std::string_view text) {
  return {fault_code::usage, shown(text) + " is no parameter: it has no '='",
          "write name=int(low,high), name=float(low,high) or name=choice(a,b)"};
}

/// "\"optim/lr\"=..."
result<leading_name> quoted_name(std::string_view text) {
  auto name = name_at_front(text);
  if (!name)
    return fault{fault_code::usage, shown(text) + " does not begin with a name in quotes",
                 "a quoted name is a JSON string, as in \"optim/lr\"=float(0,1)"};
  name->rest = trimmed(name->rest);
  if (!name->rest.starts_with('=')) return no_equals(text);
  name->rest.remove_prefix(1);
  return *std::move(name);
}

result<leading_name> bare_name(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return no_equals(text);
  const auto name = trimmed(text.substr(0, equals));
  if (is_parameter_name(name) && !is_plain_name(name))
    return fault{
        fault_code::usage, shown(name) + " is no parameter name without quotes",
        "put it in double quotes, which the shell must leave: '" + json_quoted(name) + "=...'"};
  return leading_name{std::string{name}, text.substr(equals + 1)};
}

result<declaration> split(std::string_view text) {
  text = trimmed(text);
  auto head = text.starts_with('"') ? quoted_name(text) : bare_name(text);
  if (!head) return std::move(head).error();
  if (const auto sound = check({head->name, int_range{}}); !sound) return sound.error();
  const auto& name = head->name;
  const auto body = trimmed(head->rest);
  const auto open = body.find('(');
  if (open == std::string_view::npos)
    return parameter_fault(name, shown(body) + " has no '('",
                           "write int(low,high), float(low,high) or choice(a,b)");
  if (!body.ends_with(')'))
    return parameter_fault(name, shown(body) + " does not end with ')'",
                           "close the parenthesis; only a condition may follow, as in if opt=sgd");
  return declaration{head->name, trimmed(body.substr(0, open)),
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
  range.step = *step;
  range.exact_low = decimal_of(*low);
  range.exact_step = decimal_of(*step);
  return range;
}

result<parameter> assembled(const declaration& d) {
  parameter p{d.name, int_range{}};
  if (d.kind == "int") {
    const auto range = read_int_range(d);
    if (!range) return range.error();
    p.over = *range;
  } else if (d.kind == "float") {
    const auto range = read_float_range(d);
    if (!range) return range.error();
    p.over = *range;
  } else if (d.kind == "choice") {
    auto list = parse_choices(d.name, d.inside);
    if (!list) return list.error();
    p.over = category{*std::move(list)};
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
  for (const auto& choice : list.choices)
    text += (text.back() == '(' ? "" : ",") + choice_text(choice);
  return text + ')';
}

}  // namespace

result<parameter> parse_parameter(std::string_view text) {
  const auto [plain, when] = split_at_if(text);
  const auto parts = split(plain);
  if (!parts) return parts.error();
  auto p = assembled(*parts);
  if (!p) return p;
  if (when) {
    auto read = parse_condition(p->name, *when);
    if (!read) return read.error();
    p->only_if = *std::move(read);
  }
  if (const auto sound = check(*p); !sound) return sound.error();
  return p;
}

std::string to_string(const parameter& p) {
  auto text = spelled_name(p.name) + '=' +
              std::visit([](const auto& range) { return spelled(range); }, p.over);
  if (p.only_if) text += " if " + to_string(*p.only_if);
  return text;
}

}  // namespace fabric::tuner
