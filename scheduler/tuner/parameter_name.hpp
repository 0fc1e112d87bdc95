#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What parameters may be called, and how their names are written.
namespace fabric::tuner {

inline constexpr std::size_t plain_name_bytes_max = 64;
inline constexpr std::size_t name_characters_max = 512;  ///< as Optuna's tables have it

/// [A-Za-z_][A-Za-z0-9_.-]{0,63}: a name that needs no quotes anywhere.
bool is_plain_name(std::string_view text);

/// UTF-8 of 1 to 512 characters, none of which is a control character.
bool is_parameter_name(std::string_view text);

/// The name as declarations and lists have it: a plain one as it stands, any other as a JSON
/// string.
std::string spelled_name(std::string_view name);

/// A name at the front of a text, and what follows it.
struct leading_name {
  std::string name;
  std::string_view rest;
};

/// A name in quotes, or else as many characters of plain names as there are. Nothing where quotes
/// hold no JSON string, or are not closed.
std::optional<leading_name> name_at_front(std::string_view text);

}  // namespace fabric::tuner
