#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "fabric/object_id.hpp"

/// The rows of the catalogue as they lie in memory that all processes of a host share. A change of
/// any of them, and of the hash of an id, is a change of the layout: raise `rows_version`.
namespace fabric::objects {

inline constexpr std::uint32_t rows_version = 1;

/// The index of a row; rows never move.
using row_index = std::uint32_t;
inline constexpr row_index no_row = 0xFFFF'FFFF;

enum class phase : std::uint8_t {
  empty,    ///< the row is free; whatever else it says means nothing
  filling,  ///< its owner writes it
  sealed,   ///< it never changes again
  dropped,  ///< no longer found by its id, but somebody still has it mapped
  doomed,   ///< nobody needs it; its file is to be removed
};
enum class place : std::uint8_t { memory, disk };
enum class motion : std::uint8_t {
  none,
  copying,   ///< its owner writes a copy at the other place
  cleaning,  ///< what is at the other place is to be removed
};

inline place other(place where) { return where == place::memory ? place::disk : place::memory; }

/// All that decides what an object is, in one word that is stored at once.
struct row_status {
  phase is = phase::empty;
  place where = place::memory;
  motion move = motion::none;
  std::uint8_t unused = 0;
  /// The party that fills, copies or removes; nobody, where somebody has yet to take it on.
  row_index owner = no_row;

  bool operator==(const row_status&) const = default;
};

/// In which list of the head a row is.
enum class listed : std::uint32_t { nowhere, unused, idle, due };

struct object_row {
  std::uint64_t status;  ///< a row_status; written last when a row comes into use
  object_id id;
  std::uint64_t size;
  std::uint64_t serial;        ///< never used before in this store; names the files
  std::int64_t idle_since_us;  ///< when nobody had it mapped any longer
  std::uint64_t written;       ///< by the filler, without the lock: a guess at what it has reserved
  // What follows is derived from the rows and made anew from them when a process died at work.
  row_index next_in_bucket;
  row_index before;
  row_index after;
  row_index first_hold;
  std::uint32_t mapped;  ///< the views of all holds
  listed in;
};

/// What one party has of one object, in one word that is stored at once; a row is in use while it
/// is not zero.
struct hold_count {
  std::uint32_t handles = 0;  ///< keep the object
  std::uint32_t views = 0;    ///< have it mapped too, so that it stays where it is

  bool operator==(const hold_count&) const = default;
};

struct hold_row {
  std::uint64_t count;  ///< a hold_count; written last
  std::uint64_t serial;
  row_index object;
  row_index party;
  row_index next;  ///< derived: of the same object, or of the unused ones
  std::uint32_t unused;
};

enum class party_kind : std::uint32_t { none, process, name };

/// Text of a name; the rest is zeros.
inline constexpr std::size_t party_name_max = 95;

/// Who can hold: a process that has the store open, or a name that somebody pins under.
struct party_row {
  std::uint32_t kind;  ///< a party_kind; written last
  std::int32_t pid;
  std::uint64_t born;  ///< when the process began: tells it from a later one with its pid
  std::array<char, party_name_max + 1> name;
  std::uint32_t holds;  ///< derived
  row_index next;       ///< derived: of the unused ones
};

struct catalogue_head {
  std::uint64_t next_serial;
  // Rows from here on were never used.
  std::uint32_t objects_used;
  std::uint32_t holds_used;
  std::uint32_t parties_used;
  // Derived, as above.
  row_index unused_objects;
  row_index unused_holds;
  row_index unused_parties;
  row_index idle_first;  ///< idle for longest
  row_index idle_last;
  row_index due_first;
  row_index due_last;
  std::uint64_t memory_bytes;
  std::uint64_t disk_bytes;
  std::uint64_t idle_bytes;     ///< of memory_bytes: could go to disk
  std::uint64_t filling_bytes;  ///< of memory_bytes: being written
  std::uint32_t objects;
  std::uint32_t unused;
};

static_assert(sizeof(row_status) == 8 && sizeof(hold_count) == 8);
static_assert(sizeof(object_row) == 80 && sizeof(hold_row) == 32);
static_assert(sizeof(party_row) == 120 && sizeof(catalogue_head) == 88);
static_assert(std::is_trivially_copyable_v<object_row> && std::is_standard_layout_v<object_row>);

struct table_sizes {
  std::uint32_t objects = 0;
  std::uint32_t holds = 0;
  std::uint32_t parties = 0;
  std::uint32_t buckets = 0;  ///< a power of two

  bool operator==(const table_sizes&) const = default;
};

struct tables {
  catalogue_head* head = nullptr;
  std::span<object_row> objects;
  std::span<hold_row> holds;
  std::span<party_row> parties;
  std::span<row_index> buckets;
};

/// Bytes of all tables, one behind the other.
std::size_t table_bytes(const table_sizes& sizes);

/// The tables in memory of that many bytes, aligned to 8. All zeros is an empty catalogue that
/// `rebuild` has yet to see.
tables tables_at(std::byte* memory, const table_sizes& sizes);

}  // namespace fabric::objects
