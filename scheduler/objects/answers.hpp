#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "fabric/object_id.hpp"
#include "scheduler/objects/rows.hpp"

/// What a catalogue is asked and what it answers.
namespace fabric::objects {

/// One object for as long as it lives: a row may be used again, its serial is not.
struct object_ref {
  row_index row = no_row;
  std::uint64_t serial = 0;

  bool operator==(const object_ref&) const = default;
};

struct new_object {
  object_id id;
  std::uint64_t size = 0;
};

/// How much there may be, and how much of it the file systems still have.
struct room {
  std::uint64_t memory_max = 0;
  std::uint64_t memory_free = 0;
  std::uint64_t disk_max = 0;
  std::uint64_t disk_free = 0;
};

struct created {
  object_ref what;
  place where = place::memory;
};

/// The asker is to copy the object to the other place, to report `copied`, and to ask again.
struct copy_first {
  object_ref what;
  std::uint64_t size = 0;
  place from = place::memory;

  bool operator==(const copy_first&) const = default;
};

enum class refusal {
  exists,    ///< another object has the id
  full,      ///< it fits neither into memory nor onto the disk
  no_entry,  ///< every row for objects is in use
  no_hold,   ///< every row for holds is in use
  no_party,  ///< every row for holders is in use
};

struct found {
  object_ref what;
  std::uint64_t size = 0;
  place where = place::memory;
};

enum class miss { absent, filling };

using create_answer = std::variant<created, copy_first, refusal>;
using map_answer = std::variant<found, copy_first, miss, refusal>;
using hold_answer = std::variant<found, miss, refusal>;

enum class restoring { allowed, refused };
enum class copy_outcome { complete, failed };
enum class hold_kind { handle, view };

/// A file to remove: of the object, or of a copy of it that is no longer needed.
struct chore {
  object_ref what;
  place where = place::memory;

  bool operator==(const chore&) const = default;
};

struct process_party {
  row_index party = no_row;
  std::int32_t pid = 0;
  std::uint64_t born = 0;
};

/// What one party holds; an object that several hold counts for each.
struct holder_usage {
  party_kind kind = party_kind::none;
  std::int32_t pid = 0;
  std::string name;
  std::uint32_t objects = 0;
  std::uint32_t views = 0;
  std::uint64_t bytes = 0;
};

struct catalogue_usage {
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t idle_bytes = 0;
  std::uint32_t objects = 0;
  std::uint32_t filling = 0;
  std::uint32_t spilled = 0;
  std::vector<holder_usage> holders;  ///< who holds most comes first
};

}  // namespace fabric::objects
