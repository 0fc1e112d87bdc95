#include "scheduler/tuner/space_condition.hpp"

#include <algorithm>
#include <array>

#include "scheduler/tuner/choice_list.hpp"
#include "scheduler/tuner/json_text.hpp"

namespace fabric::tuner {

namespace {

using relation = condition::relation;

struct sign {
  std::string_view text;
  relation is;
};

/// The longer ones first.
constexpr std::array signs = {sign{"==", relation::among}, sign{">=", relation::at_least},
                              sign{"<=", relation::at_most}, sign{"=", relation::among}};

constexpr std::string_view spellings = "write if opt=sgd, if n>=2, if n<=2 or if n in (2,3)";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

/// A choice as it stands, a number as the JSON text of it.
std::optional<coordinate> coordinate_in(const parameter& parent, const std::string& json) {
  if (is_category(parent)) return coordinate_of(parent, json);
  if (const auto whole = parse_int(json)) return coordinate_of(parent, *whole);
  if (const auto real = parse_double(json)) return coordinate_of(parent, *real);
  return std::nullopt;
}

result<std::vector<space_tree::interval>> intervals_of(const std::string& name, const condition& c,
                                                       const parameter& parent) {
  std::vector<space_tree::interval> all;
  for (const auto& json : c.values) {
    const auto at = coordinate_in(parent, json);
    if (!at)
      return parameter_fault(
          name, "its condition's value " + choice_text(json) + " is none of " + to_string(parent),
          "name values that " + parent.name + " can have");
    all.push_back({*at, *at});
  }
  if (c.is != relation::among && is_category(parent))
    return parameter_fault(name, "the choices of " + parent.name + " have no order",
                           "write if " + parent.name + " in (a,b)");
  if (c.is == relation::at_least) all.front().last = *parent.cardinality() - 1;
  if (c.is == relation::at_most) all.front().first = 0;
  std::ranges::sort(all, {}, &space_tree::interval::first);
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i].first == all[i - 1].first)
      return parameter_fault(name, "its condition names a value twice", "name each value once");
  return all;
}

/// Empty where following the parents from `index` does not lead back to it.
std::string circle_at(std::span<const parameter> parameters,
                      const std::unordered_map<std::string_view, std::size_t>& places,
                      std::size_t index) {
  std::string way = parameters[index].name;
  std::size_t at = index;
  for (std::size_t i = 0; i < parameters.size() && parameters[at].only_if; ++i) {
    const auto found = places.find(parameters[at].only_if->parent);
    if (found == places.end()) return {};
    at = found->second;
    way += " hangs on " + parameters[at].name;
    if (at == index) return way;
    way += ", which";
  }
  return {};
}

}  // namespace

result<space_tree::node> hung_up(std::span<const parameter> parameters,
                                 const std::unordered_map<std::string_view, std::size_t>& places,
                                 std::size_t index) {
  const auto& p = parameters[index];
  space_tree::node node{p.cardinality().value_or(0), {}, {}};
  if (!p.only_if) return node;
  const auto& name = p.only_if->parent;
  const auto found = places.find(name);
  if (found == places.end())
    return parameter_fault(p.name, "its condition is on " + shown(name) + ", which is no parameter",
                           "declare " + shown(name) + " before it, or correct the name");
  if (const auto circle = circle_at(parameters, places, index); !circle.empty())
    return parameter_fault(p.name, "its condition goes round in a circle: " + circle,
                           "leave one of these conditions out");
  if (found->second > index)
    return parameter_fault(p.name, "its condition is on " + name + ", which is declared later",
                           "declare " + name + " before it");
  const auto& parent = parameters[found->second];
  if (!parent.cardinality())
    return parameter_fault(p.name,
                           "its condition is on " + name + ", whose values cannot be counted",
                           "give " + name + " a step or a choice");
  auto when = intervals_of(p.name, *p.only_if, parent);
  if (!when) return std::move(when).error();
  node.parent = found->second;
  node.when = *std::move(when);
  return node;
}

declaration_parts split_at_if(std::string_view declaration) {
  std::size_t at = declaration.find('(');
  while (at < declaration.size() && declaration[at] != ')') {
    const char c = declaration[at];
    const bool is_quote = c == '\'' || c == '"';
    at = is_quote ? end_of_quoted(declaration, at) : at + 1;
  }
  if (at >= declaration.size()) return {declaration, {}};
  const auto rest = trimmed(declaration.substr(at + 1));
  if (!rest.starts_with("if") || (rest.size() > 2 && is_name_character(rest[2])))
    return {declaration, {}};
  return {declaration.substr(0, at + 1), trimmed(rest.substr(2))};
}

result<condition> parse_condition(std::string_view name, std::string_view text) {
  const auto length = std::ranges::find_if_not(text, is_name_character) - text.begin();
  condition made{std::string{text.substr(0, static_cast<std::size_t>(length))}, {}, {}};
  auto rest = trimmed(text.substr(made.parent.size()));
  if (made.parent.empty() || rest.empty())
    return parameter_fault(name, shown(text) + " is no condition", std::string{spellings});
  if (rest.starts_with("in") && trimmed(rest.substr(2)).starts_with('(')) {
    rest = trimmed(rest.substr(2));
    if (!rest.ends_with(')'))
      return parameter_fault(name, "the condition " + shown(text) + " does not end with ')'",
                             "a parameter has one condition: " + std::string{spellings});
    rest = rest.substr(1, rest.size() - 2);
    auto values = parse_choices(name, rest);
    if (!values) return std::move(values).error();
    made.values = *std::move(values);
    return made;
  }
  const auto* const found =
      std::ranges::find_if(signs, [&](const sign& s) { return rest.starts_with(s.text); });
  if (found == signs.end())
    return parameter_fault(name, shown(text) + " is no condition", std::string{spellings});
  rest = trimmed(rest.substr(found->text.size()));
  made.is = found->is;
  auto values = parse_choices(name, rest);
  if (!values || values->size() != 1)
    return parameter_fault(name, "the condition " + shown(text) + " has not one value",
                           "write if n in (2,3); for \"and\", hang one parameter on the other");
  made.values = *std::move(values);
  return made;
}

std::string to_string(const condition& c) {
  if (c.values.size() == 1) {
    const auto* const found =
        std::ranges::find_if(signs, [&](const sign& s) { return s.is == c.is && s.text != "=="; });
    const auto word = choice_text(c.values.front());
    // Not "==".
    return c.parent + std::string{found->text} + (word.front() == '=' ? c.values.front() : word);
  }
  std::string text = c.parent + " in (";
  for (const auto& value : c.values) text += (text.back() == '(' ? "" : ",") + choice_text(value);
  return text + ')';
}

}  // namespace fabric::tuner
