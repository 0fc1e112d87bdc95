#include "scheduler/tuner/parameter_name.hpp"

#include <algorithm>

#include "scheduler/tuner/choice_list.hpp"
#include "scheduler/tuner/json_text.hpp"

namespace fabric::tuner {

namespace {

bool begins_plain_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_in_plain_name(char c) {
  return begins_plain_name(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

bool is_plain_name(std::string_view text) {
  return !text.empty() && text.size() <= plain_name_bytes_max && begins_plain_name(text.front()) &&
         std::ranges::all_of(text, is_in_plain_name);
}

bool is_parameter_name(std::string_view text) {
  return !text.empty() && is_utf8(text) && std::ranges::none_of(text, is_control) &&
         static_cast<std::size_t>(std::ranges::count_if(text, begins_character)) <=
             name_characters_max;
}

std::string spelled_name(std::string_view name) {
  return is_plain_name(name) ? std::string{name} : json_quoted(name);
}

std::optional<leading_name> name_at_front(std::string_view text) {
  if (!text.starts_with('"')) {
    const auto end = std::ranges::find_if_not(text, is_in_plain_name);
    const auto size = static_cast<std::size_t>(end - text.begin());
    return leading_name{std::string{text.substr(0, size)}, text.substr(size)};
  }
  const auto end = end_of_quoted(text, 0);
  if (end == std::string_view::npos) return std::nullopt;
  auto name = json_unquoted(text.substr(0, end));
  if (!name) return std::nullopt;
  return leading_name{*std::move(name), text.substr(end)};
}

}  // namespace fabric::tuner
