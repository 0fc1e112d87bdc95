#include "scheduler/tuner/json_value.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "scheduler/tuner/choice_list.hpp"
#include "scheduler/tuner/decimal.hpp"
#include "scheduler/tuner/json_text.hpp"

namespace fabric::tuner {

namespace {

constexpr int depth_max = 100;

struct special_word {
  std::string_view python;
  std::string_view ours;
};
constexpr std::array special_words = {special_word{"NaN", "nan"}, special_word{"Infinity", "inf"},
                                      special_word{"-Infinity", "-inf"}};

std::optional<std::string> canonical_number(std::string_view text) {
  const auto x = parse_double(text);
  if (!x) return std::nullopt;
  if (text.find_first_of(".eE") != std::string_view::npos) return json_float(*x);
  const auto whole = parse_int(text);
  return whole ? std::optional{std::to_string(*whole)} : std::nullopt;
}

std::optional<std::string> canonical_scalar(std::string_view text) {
  if (text == "true" || text == "false" || text == "null") return std::string{text};
  for (const auto& [python, ours] : special_words)
    if (text == python || text == ours) return std::string{python};
  if (is_json_word(text)) return canonical_number(text);
  const auto unquoted = json_unquoted(text);
  return unquoted ? std::optional{json_quoted(*unquoted)} : std::nullopt;
}

/// The parts between the commas of "[...]" or "{...}", as they stand. Nothing where the brackets
/// are others, or not the last character.
std::optional<std::vector<std::string_view>> parts_of(std::string_view text, char open,
                                                      char close) {
  if (text.size() < 2 || text.front() != open || text.back() != close) return std::nullopt;
  auto rest = trimmed(text.substr(1, text.size() - 2));
  std::vector<std::string_view> parts;
  if (rest.empty()) return parts;
  while (true) {
    std::size_t size = 0;
    while (size < rest.size() && rest[size] != ',') size += json_size_at_front(rest.substr(size));
    parts.push_back(trimmed(rest.substr(0, size)));
    if (size >= rest.size()) return parts;
    rest.remove_prefix(size + 1);
  }
}

struct member {
  std::string key;
  std::string_view value;
};

/// "\"a\": 3"
std::optional<member> member_in(std::string_view part) {
  if (!part.starts_with('"')) return std::nullopt;
  const auto end = end_of_quoted(part, 0);
  if (end == std::string_view::npos) return std::nullopt;
  auto key = json_unquoted(part.substr(0, end));
  const auto rest = trimmed(part.substr(end));
  if (!key || !rest.starts_with(':')) return std::nullopt;
  return member{*std::move(key), trimmed(rest.substr(1))};
}

std::optional<std::string> canonical_within(std::string_view text, int depth);

std::optional<std::string> canonical_array(std::string_view text, int depth) {
  const auto parts = parts_of(text, '[', ']');
  if (!parts) return std::nullopt;
  std::string made = "[";
  for (const auto part : *parts) {
    const auto spelled = canonical_within(part, depth + 1);
    if (!spelled) return std::nullopt;
    made += (made.size() > 1 ? "," : "") + *spelled;
  }
  return made + ']';
}

std::optional<std::string> canonical_object(std::string_view text, int depth) {
  const auto parts = parts_of(text, '{', '}');
  if (!parts) return std::nullopt;
  std::map<std::string, std::string> members;
  for (const auto part : *parts) {
    auto found = member_in(part);
    auto spelled = found ? canonical_within(found->value, depth + 1) : std::nullopt;
    if (!spelled || !members.emplace(std::move(found->key), *std::move(spelled)).second)
      return std::nullopt;
  }
  std::string made = "{";
  for (const auto& [key, value] : members)
    made += (made.size() > 1 ? "," : "") + json_quoted(key) + ':' + value;
  return made + '}';
}

std::optional<std::string> canonical_within(std::string_view text, int depth) {
  if (depth > depth_max) return std::nullopt;
  if (text.starts_with('[')) return canonical_array(text, depth);
  if (text.starts_with('{')) return canonical_object(text, depth);
  return canonical_scalar(text);
}

/// The bracketed value at the front, or all that follows where a bracket is not closed.
std::size_t bracketed_size(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    at = c == '"' ? end_of_quoted(text, at) : at + 1;
    if (depth == 0) return at;
  }
  return text.size();
}

}  // namespace

std::optional<std::string> canonical_json(std::string_view text) {
  return canonical_within(text, 0);
}

std::string strict_json(const std::string& json) {
  std::string made;
  for (std::size_t at = 0; at < json.size();) {
    const auto rest = std::string_view{json}.substr(at);
    const auto* const special = std::ranges::find_if(
        special_words, [&](const special_word& each) { return rest.starts_with(each.python); });
    const auto size = rest.front() == '"' ? end_of_quoted(rest, 0) : 1;
    const bool is_special = special != special_words.end();
    made += is_special ? json_quoted(special->ours) : std::string{rest.substr(0, size)};
    at += is_special ? special->python.size() : size;
  }
  return made;
}

bool has_array(std::string_view json) {
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '[') return true;
    at = json[at] == '"' ? end_of_quoted(json, at) : at + 1;
  }
  return false;
}

std::size_t json_size_at_front(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() == '[' || text.front() == '{') return bracketed_size(text);
  if (text.front() != '"') return 1;
  return std::min(end_of_quoted(text, 0), text.size());
}

std::optional<std::vector<std::string_view>> json_elements(std::string_view array) {
  return parts_of(trimmed(array), '[', ']');
}

std::optional<std::string_view> json_member(std::string_view object, std::string_view key) {
  const auto parts = parts_of(trimmed(object), '{', '}');
  if (!parts) return std::nullopt;
  for (const auto part : *parts)
    if (const auto found = member_in(part); found && found->key == key) return found->value;
  return std::nullopt;
}

}  // namespace fabric::tuner
