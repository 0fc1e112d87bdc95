#include "fabric/labels.hpp"

#include <algorithm>

#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::size_t key_chars_max = 64;
constexpr std::size_t value_chars_max = 128;

bool is_key_char(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '.' || c == '/' || c == '-';
}

bool is_value_char(char c) { return c >= 0x20 && c <= 0x7e && c != ',' && c != '=' && c != '!'; }

fault label_fault(std::string detail, std::string hint) {
  return {fault_code::usage, std::move(detail), std::move(hint)};
}

/// "key=value" or "key!=value".
result<label_condition> parse_condition(std::string_view item) {
  const auto equals = item.find('=');
  if (equals == item.npos)
    return label_fault("label " + quoted(item) + " has no value",
                       "write key=value, as in zone=home");
  const bool differs = equals > 0 && item[equals - 1] == '!';
  const auto key = item.substr(0, differs ? equals - 1 : equals);
  const auto value = item.substr(equals + 1);
  if (!is_label_key(key))
    return label_fault(
        "label key " + quoted(key) + " is not valid",
        "start with a letter, then use letters, digits, '_', '.', '/' and '-', at most "
        "64 characters");
  if (!is_label_value(value))
    return label_fault("label value " + quoted(value) + " is not valid",
                       "use at most 128 printable ASCII characters without ',', '=' and '!'");
  using relation = label_condition::relation;
  return label_condition{std::string(key), differs ? relation::differs : relation::equals,
                         std::string(value)};
}

result<std::vector<label_condition>> parse_items(std::string_view text) {
  std::vector<label_condition> items;
  if (text.empty()) return items;
  const auto pieces = pieces_of(text, ',');
  if (pieces.size() > labels_max)
    return label_fault("there are " + std::to_string(pieces.size()) + " labels",
                       "give at most " + std::to_string(labels_max));
  for (const auto piece : pieces) {
    auto item = parse_condition(piece);
    if (!item) return std::move(item).error();
    items.push_back(*std::move(item));
  }
  return items;
}

}  // namespace

bool is_label_key(std::string_view key) {
  return !key.empty() && key.size() <= key_chars_max &&
         (is_lower(key.front()) || is_upper(key.front())) && std::ranges::all_of(key, is_key_char);
}

bool is_label_value(std::string_view value) {
  return value.size() <= value_chars_max && std::ranges::all_of(value, is_value_char);
}

result<label_map> parse_labels(std::string_view text) {
  auto items = parse_items(text);
  if (!items) return std::move(items).error();
  label_map labels;
  for (auto& item : *items) {
    if (item.is == label_condition::relation::differs)
      return label_fault("label " + quoted(to_string(item)) + " is a condition",
                         "a node's label is written key=value");
    if (!labels.emplace(item.key, std::move(item.value)).second)
      return label_fault("label " + quoted(item.key) + " is given twice", "give it once");
  }
  return labels;
}

result<std::vector<label_condition>> parse_label_conditions(std::string_view text) {
  auto conditions = parse_items(text);
  if (!conditions) return conditions;
  std::ranges::sort(*conditions);
  conditions->erase(std::unique(conditions->begin(), conditions->end()), conditions->end());
  return conditions;
}

bool satisfies(const label_map& labels, const label_condition& condition) {
  const auto at = labels.find(condition.key);
  const bool equal = at != labels.end() && at->second == condition.value;
  return equal == (condition.is == label_condition::relation::equals);
}

std::string to_string(const label_condition& condition) {
  const bool differs = condition.is == label_condition::relation::differs;
  return condition.key + (differs ? "!=" : "=") + condition.value;
}

std::string to_string(const label_map& labels) {
  std::string text;
  for (const auto& [key, value] : labels) {
    if (!text.empty()) text += ",";
    text += key + "=" + value;
  }
  return text;
}

}  // namespace fabric
