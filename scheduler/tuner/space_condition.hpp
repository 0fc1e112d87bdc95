#pragma once

#include <span>
#include <string_view>
#include <unordered_map>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// Parameter `index` as a node of the space's tree. `places` are the indices of all by name.
/// Faults: usage (its condition's parent is unknown, comes later or is continuous; the condition
/// has a value that the parent never has).
result<space_tree::node> hung_up(std::span<const parameter> parameters,
                                 const std::unordered_map<std::string_view, std::size_t>& places,
                                 std::size_t index);

/// "momentum=float(0,1) if opt=sgd" in its parameter and what follows the "if", which is nothing
/// where there is none.
struct declaration_parts {
  std::string_view parameter;
  std::optional<std::string_view> condition;
};
declaration_parts split_at_if(std::string_view declaration);

/// "opt=sgd", "layers in (2,3)", "layers>=2", of the parameter `name`. Faults: usage.
result<condition> parse_condition(std::string_view name, std::string_view text);

}  // namespace fabric::tuner
