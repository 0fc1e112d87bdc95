#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "actors/objects/process_birth.hpp"
#include "scheduler/objects/rows.hpp"

namespace fabric::objects {

/// Rows of a store that is made with default options: about 10 MiB, reserved when it is made.
inline constexpr table_sizes default_tables{
    .objects = 65'536, .holds = 131'072, .parties = 4'096, .buckets = 65'536};

/// No object is larger.
inline constexpr std::uint64_t object_bytes_max = std::uint64_t{1} << 44;

/// What becomes of pinned objects when a store is opened that no living process has open.
enum class leftovers {
  removed,  ///< all goes: whoever pinned them is gone too
  kept      ///< pinned objects stay, for a daemon that knows its pins
};

/// Limits and sizes hold for the store from when the first process opens it; what later ones say of
/// them is not looked at.
struct store_options {
  /// Tells the stores of one user apart: lower-case letters, digits, '.', '_', '-'.
  std::string instance = "default";
  std::string memory_root = "/dev/shm";
  std::string disk_root = "/var/tmp";
  /// Bytes of objects in memory; 30 % of the machine's memory where nothing is said.
  std::optional<std::uint64_t> memory_max;
  /// Bytes of spilled objects; where nothing is said, all but a twentieth of the disk.
  std::optional<std::uint64_t> disk_max;
  table_sizes tables = default_tables;
  leftovers left_by_the_dead = leftovers::removed;
  /// How long a lock may be held by somebody else (a stopped process) until we give up.
  std::chrono::milliseconds lock_patience = std::chrono::seconds{30};
  birth_lookup births = birth_of;
  /// Called before and after each step that others can see, for tests that die there.
  std::function<void()> step;
};

}  // namespace fabric::objects
