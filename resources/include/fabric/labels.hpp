#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/result.hpp"

namespace fabric {

/// What a node says of itself beyond amounts: "zone=home", "gpu_model=h100".
/// Keys match [A-Za-z][A-Za-z0-9_./-]{0,63}; values are 0 to 128 printable characters without
/// comma, '=' or '!' (ASCII 0x20 to 0x7e).
using label_map = std::map<std::string, std::string, std::less<>>;

/// Labels of one node, and conditions of one task.
inline constexpr std::size_t labels_max = 64;

bool is_label_key(std::string_view key);
bool is_label_value(std::string_view value);

/// One condition on a node's labels. A node without the label fails `equals` and passes `differs`.
struct label_condition {
  enum class relation : std::uint8_t { equals, differs };
  std::string key;
  relation is = relation::equals;
  std::string value;

  auto operator<=>(const label_condition&) const = default;
};

/// "k=v,k2=v2" as in `start --labels`. The empty text has no labels.
/// Faults: usage (bad key or value, key twice, empty item, more than `labels_max`).
result<label_map> parse_labels(std::string_view text);

/// "k=v,k2!=v2" as in `run --labels`, sorted, without repeats. The empty text has no conditions.
/// Faults: usage (as `parse_labels`, but a key may occur more than once).
result<std::vector<label_condition>> parse_label_conditions(std::string_view text);

bool satisfies(const label_map& labels, const label_condition& condition);

/// As typed: the parsers above read these back.
std::string to_string(const label_condition& condition);
std::string to_string(const label_map& labels);

}  // namespace fabric
