#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace fabric::actors {

/// What stands behind a name of an actor: its number in its program, and what it takes.
struct name_target {
  std::uint64_t id = 0;
  /// CAF's words for the messages of a typed actor; empty: any.
  std::set<std::string> interface;

  bool operator==(const name_target&) const = default;
};

std::string to_bytes(const name_target& what);
/// Nothing where something else than an actor of CAF holds the name.
std::optional<name_target> name_target_of(std::string_view bytes);

/// Why an actor that takes `theirs` is no actor of the wanted interface, in words; nothing where it
/// is one. As in CAF, a typed actor may take more than is wanted, but is no untyped one.
std::optional<std::string> mismatch(const std::set<std::string>& theirs,
                                    const std::set<std::string>& wanted);

}  // namespace fabric::actors
