#include "actors/tune/point_words.hpp"

#include <optional>
#include <utility>

#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/number_in.hpp"

namespace fabric::actors {

result<tuner::coordinate> coordinate_in(const tuner::space& over, std::size_t i,
                                        const std::string& text) {
  const auto& parameter = over.parameters()[i];
  std::optional<tuner::value> value;
  if (std::holds_alternative<tuner::int_range>(parameter.over)) {
    if (const auto number = tuner::number_in<std::int64_t>(text)) value = *number;
  } else if (std::holds_alternative<tuner::float_range>(parameter.over)) {
    if (const auto number = tuner::number_in<double>(text)) value = *number;
  } else {
    const auto word = tuner::canonical_choice(text);
    if (word && over.coordinate_of(*word, i)) value = *word;
    if (!value) value = tuner::json_quoted(text);
  }
  const auto found = value ? over.coordinate_of(*value, i) : std::nullopt;
  if (found) return *found;
  return fault{fault_code::usage, "'" + text + "' is no value of " + to_string(parameter), ""};
}

namespace {

std::string names_in(const tuner::space& over) {
  std::string names;
  for (const auto& parameter : over.parameters())
    names += (names.empty() ? "" : ", ") + tuner::spelled_name(parameter.name);
  return names;
}

struct named_value {
  std::size_t parameter = 0;
  std::string text;
};

/// "x=3", "optim/lr=0.1" or "\"optim/lr\"=0.1". Of names that may all be meant, where they have
/// equals signs, the longest is.
std::optional<named_value> value_in(const tuner::space& over, const std::string& word) {
  std::optional<named_value> found;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < over.parameters().size(); ++i)
    for (const auto& name :
         {over.parameters()[i].name, tuner::spelled_name(over.parameters()[i].name)})
      if (name.size() > longest && word.starts_with(name) &&
          word.substr(name.size()).starts_with('=')) {
        longest = name.size();
        found = {i, word.substr(name.size() + 1)};
      }
  return found;
}

}  // namespace

result<tuner::point> point_in(const tuner::space& over, const std::vector<std::string>& words) {
  const auto& all = over.parameters();
  std::vector<std::optional<tuner::coordinate>> found(all.size());
  for (const auto& word : words) {
    const auto equals = word.find('=');
    const auto given = value_in(over, word);
    if (equals == std::string::npos)
      return fault{fault_code::usage, "'" + word + "' is no parameter with its value",
                   "write it as in x=3; the parameters are " + names_in(over)};
    if (!given)
      return fault{fault_code::usage, "the study has no parameter '" + word.substr(0, equals) + "'",
                   "the parameters are " + names_in(over)};
    const auto i = given->parameter;
    if (found[i])
      return fault{fault_code::usage,
                   "parameter " + tuner::spelled_name(all[i].name) + " is given twice", ""};
    auto at = coordinate_in(over, i, given->text);
    if (!at) return std::move(at).error();
    found[i] = *at;
  }
  tuner::point where;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_active = over.is_active(where, i);
    if (is_active && !found[i])
      return fault{fault_code::usage,
                   "parameter " + tuner::spelled_name(all[i].name) + " has no value",
                   "a point has one for each parameter that its other values do not leave out"};
    if (!is_active && found[i])
      return fault{fault_code::usage,
                   "the other values leave parameter " + tuner::spelled_name(all[i].name) +
                       " out: it is there only if " + to_string(*all[i].only_if),
                   "give it no value"};
    where.push_back(is_active ? *found[i] : tuner::inactive);
  }
  return where;
}

}  // namespace fabric::actors
