#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fabric {

/// Names one large immutable value: 128 bits, chosen at random or derived from what made it, so
/// that nobody has to be asked for one.
struct object_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const object_id&) const = default;
};

/// 32 lower-case hexadecimal digits, `high` first.
std::string to_string(const object_id& id);
/// Reads what `to_string` writes, and nothing else.
std::optional<object_id> parse_object_id(std::string_view text);

}  // namespace fabric

template <>
struct std::hash<fabric::object_id> {
  /// The same in every build: tables in memory that processes share rely on it. Ids that somebody
  /// counts up are spread over buckets as well as random ones.
  std::size_t operator()(const fabric::object_id& id) const noexcept {
    std::uint64_t mixed = (id.high ^ (id.low + 0x9E3779B97F4A7C15ULL)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 31)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>(mixed ^ (mixed >> 29) ^ id.low);
  }
};
