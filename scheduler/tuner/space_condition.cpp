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
          "name values that " + spelled_name(parent.name) + " can have");
    all.push_back({*at, *at});
  }
  if (c.is != relation::among && is_category(parent))
    return parameter_fault(name, "the choices of " + spelled_name(parent.name) + " have no order",
                           "write if " + spelled_name(parent.name) + " in (a,b)");
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
  std::string way = spelled_name(parameters[index].name);
  std::size_t at = index;
  for (std::size_t i = 0; i < parameters.size() && parameters[at].only_if; ++i) {
    const auto found = places.find(parameters[at].only_if->parent);
    if (found == places.end()) return {};
    at = found->second;
    way += " hangs on " + spelled_name(parameters[at].name);
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
    return parameter_fault(
        p.name, "its condition is on " + spelled_name(name) + ", which is declared later",
        "declare " + spelled_name(name) + " before it");
  const auto& parent = parameters[found->second];
  if (!parent.cardinality())
    return parameter_fault(
        p.name, "its condition is on " + spelled_name(name) + ", whose values cannot be counted",
        "give " + spelled_name(name) + " a step or a choice");
  auto when = intervals_of(p.name, *p.only_if, parent);
  if (!when) return std::move(when).error();
  node.parent = found->second;
  node.when = *std::move(when);
  return node;
}

declaration_parts split_at_if(std::string_view declaration) {
  const auto name = name_at_front(trimmed(declaration));
  if (!name) return {declaration, {}};
  std::size_t at =
      declaration.find('(', static_cast<std::size_t>(name->rest.data() - declaration.data()));
  int depth = 0;
  for (; at < declaration.size(); ++at) {
    const char c = declaration[at];
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth == 0) break;
    if (c == '\'' || c == '"') at = end_of_quoted(declaration, at) - 1;
  }
  if (at >= declaration.size()) return {declaration, {}};
  const auto rest = trimmed(declaration.substr(at + 1));
  const auto word = name_at_front(rest);
  if (!rest.starts_with("if") || word->name != "if") return {declaration, {}};
  return {declaration.substr(0, at + 1), trimmed(word->rest)};
}

result<condition> parse_condition(std::string_view name, std::string_view text) {
  auto front = name_at_front(text);
  auto rest = front ? trimmed(front->rest) : std::string_view{};
  if (!front || front->name.empty() || rest.empty())
    return parameter_fault(name, shown(text) + " is no condition", std::string{spellings});
  condition made{std::move(front->name), {}, {}};
  if (!text.starts_with('"') && !is_plain_name(made.parent))
    return parameter_fault(
        name,
        "its condition is on " + shown(made.parent) + ", which is no parameter name without quotes",
        "name an earlier parameter, in double quotes where its name is not plain");
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
    return spelled_name(c.parent) + std::string{found->text} +
           (word.front() == '=' ? c.values.front() : word);
  }
  std::string text = spelled_name(c.parent) + " in (";
  for (const auto& value : c.values) text += (text.back() == '(' ? "" : ",") + choice_text(value);
  return text + ')';
}

}  // namespace fabric::tuner
