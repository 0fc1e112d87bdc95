#include "actors/tune/trial_command.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <optional>
#include <string_view>

namespace fabric::actors {

namespace {

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
}

/// `word` with each {...} replaced by what `replace` answers; where it answers nothing the text
/// stays.
std::string substituted(
    std::string_view word,
    const std::function<std::optional<std::string>(std::string_view)>& replace) {
  std::string text;
  std::size_t at = 0;
  while (at < word.size()) {
    const auto open = word.find('{', at);
    if (open == std::string_view::npos) break;
    const auto close = word.find('}', open);
    const bool is_placeholder =
        close != std::string_view::npos && close > open + 1 && (open == 0 || word[open - 1] != '$');
    const auto value =
        is_placeholder ? replace(word.substr(open + 1, close - open - 1)) : std::nullopt;
    if (value) {
      text += std::string{word.substr(at, open - at)} + *value;
      at = close + 1;
    } else {
      text += word.substr(at, open + 1 - at);
      at = open + 1;
    }
  }
  return text + std::string{word.substr(std::min(at, word.size()))};
}

std::optional<std::size_t> index_of(const tuner::space& over, std::string_view name) {
  const auto& all = over.parameters();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name) return i;
  return std::nullopt;
}

/// The parameter whose placeholder the word is.
std::optional<std::size_t> placeholder_in(const tuner::space& over, std::string_view word) {
  if (!word.starts_with('{') || !word.ends_with('}')) return std::nullopt;
  return index_of(over, word.substr(1, word.size() - 2));
}

/// The parameter of a word as "--momentum={momentum}", which is left out with it.
std::optional<std::size_t> option_of(const tuner::space& over, std::string_view word) {
  const auto equals = word.find('=');
  if (!word.starts_with('-') || equals == std::string_view::npos) return std::nullopt;
  return placeholder_in(over, word.substr(equals + 1));
}

/// The variable with a parameter's value; nothing where the name is not plain.
std::optional<std::string> variable_of(const std::string& name) {
  return tuner::is_plain_name(name) ? std::optional{"FABRIC_PARAM_" + name} : std::nullopt;
}

/// An option whose value may be missing takes the next word for it. Faults: usage.
result<void> check_options(const std::vector<std::string>& words, const tuner::space& over) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto& option = words[i - 1];
    const auto index = placeholder_in(over, words[i]);
    const bool is_option = option.starts_with('-') && option.size() > 1 &&
                           option.find('=') == std::string::npos && option != "--";
    if (!index || !is_option || !over.tree().nodes()[*index].parent) continue;
    return fault{fault_code::usage,
                 "'" + option + " " + words[i] + "' would have no value where " +
                     over.parameters()[*index].name + " is left out",
                 "write " + option + "=" + words[i] + ", which is left out with it, or read $" +
                     variable_of(over.parameters()[*index].name).value_or("FABRIC_PARAMS")};
  }
  return {};
}

}  // namespace

result<void> check_placeholders(const std::vector<std::string>& words, const tuner::space& over) {
  // Other braces are the command's own, unless they hold a parameter's whole name.
  std::string unknown;
  for (const auto& word : words)
    substituted(word, [&](std::string_view name) -> std::optional<std::string> {
      if (name != "trial" && !index_of(over, name) &&
          std::ranges::all_of(name, is_name_character) &&
          std::isdigit(static_cast<unsigned char>(name.front())) == 0 && unknown.empty())
        unknown = name;
      return std::nullopt;
    });
  if (unknown.empty()) return check_options(words, over);
  std::string known;
  for (const auto& parameter : over.parameters())
    known += (known.empty() ? "" : ", ") + tuner::spelled_name(parameter.name);
  return fault{fault_code::usage, "the placeholder {" + unknown + "} has no --param",
               "the parameters are " + known};
}

result<void> check_names(const tuner::space& over) {
  if (!index_of(over, "trial")) return {};
  return fault{fault_code::usage, "--param 'trial': {trial} in the command is the trial's number",
               "give the parameter another name"};
}

transport::command_work work_for(const transport::command_work& pattern, const tuner::space& over,
                                 const tuner::point& where, tuner::trial_number number) {
  auto work = pattern;
  std::erase_if(work.argv, [&](const std::string& word) {
    const auto i = option_of(over, word);
    return i && !over.is_active(where, *i);
  });
  for (auto& word : work.argv)
    word = substituted(word, [&](std::string_view name) -> std::optional<std::string> {
      if (name == "trial") return std::to_string(number);
      if (auto i = index_of(over, name)) return over.text_of(where, *i);
      return std::nullopt;
    });
  for (std::size_t i = 0; i < over.parameters().size(); ++i)
    if (const auto variable = variable_of(over.parameters()[i].name);
        variable && over.is_active(where, i))
      work.env.emplace_back(*variable, over.text_of(where, i));
  work.env.emplace_back("FABRIC_PARAMS", over.json_of(where));
  work.is_trial = true;
  work.trial_number = number;
  return work;
}

}  // namespace fabric::actors
