#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Whole JSON values, as Python writes them: with its bare words NaN, Infinity and -Infinity.
namespace fabric::tuner {

/// The one spelling of a value: whole numbers without a leading zero, others as `json_float` has
/// them, strings with as few escapes as possible, no blanks, the keys of an object in their order
/// of bytes. nan, inf and -inf are other spellings of the bare words. Nothing where it is no JSON,
/// has a number outside int64 or double, a string that `json_unquoted` refuses, a key twice, or
/// more than a hundred brackets in each other.
std::optional<std::string> canonical_json(std::string_view text);

/// What stands in JSON where those words cannot: "nan", "inf" and "-inf", as strings. Precondition:
/// canonical.
std::string strict_json(const std::string& json);

/// Whether the value is an array or has one inside. Precondition: canonical.
bool has_array(std::string_view json);

/// The bytes of the value at the front: up to its end where it is JSON.
std::size_t json_size_at_front(std::string_view text);

/// The elements of an array, as they stand. Nothing where it is none.
std::optional<std::vector<std::string_view>> json_elements(std::string_view array);

/// The value of a key of an object, as it stands. Nothing where there is none.
std::optional<std::string_view> json_member(std::string_view object, std::string_view key);

}  // namespace fabric::tuner
