#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fabric::store {

/// A list of strings in one: "3:cpu4:1000". Any bytes survive, and people can still read it.
/// The empty list is the empty string.
std::string pack(const std::vector<std::string_view>& items);

/// Nothing where `text` is no such list. The views point into `text`.
std::optional<std::vector<std::string_view>> unpack(std::string_view text);

}  // namespace fabric::store
