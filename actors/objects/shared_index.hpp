#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/objects/files.hpp"
#include "scheduler/objects/catalogue.hpp"

/// The one file that all processes of a store map: a header, then the tables of the catalogue.
namespace fabric::objects {

/// Another layout of the header or of the lock is another version. The tables have theirs.
inline constexpr std::uint32_t index_version = 1;
inline constexpr std::array<char, 8> index_magic{'f', 'a', 'b', 'o', 'b', 'j', 's', '\n'};
inline constexpr std::uint32_t header_bytes = 4096;
inline constexpr std::size_t path_max = 512;
inline constexpr const char* index_name = "index";

/// A store without a limit of its own for the disk.
inline constexpr std::uint64_t no_disk_limit = UINT64_MAX / 4;

struct store_limits {
  std::uint64_t memory_max = 0;
  std::uint64_t disk_max = 0;
};

/// What stays as it was written when the file was made. The first three fields have their places in
/// every version, so that each version can tell what it sees.
struct index_facts {
  std::array<char, 8> magic = index_magic;
  std::uint32_t version = index_version;
  std::uint32_t rows = rows_version;
  std::array<char, 32> software{};  ///< who made it, for people
  std::uint32_t mutex_bytes = sizeof(pthread_mutex_t);
  std::uint32_t unused = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t pid_namespace = 0;  ///< pids mean nothing in another one
  table_sizes tables;
  store_limits limits;
  std::array<char, path_max> disk_root{};
  std::array<char, 40> spill_name{};
};

struct index_header {
  index_facts facts;
  pthread_mutex_t lock;
  std::atomic<std::uint32_t> changes;  ///< counted up whenever an object is sealed or goes
  std::atomic<std::uint32_t> waiting;  ///< about how many sleep until it does
  std::atomic<std::uint32_t> is_removed;
  std::atomic<std::uint32_t> is_damaged;
  std::atomic<std::int32_t> locked_by;  ///< for people
};
static_assert(sizeof(index_header) <= header_bytes);
static_assert(offsetof(index_facts, version) == 8 && offsetof(index_facts, software) == 16);
static_assert(offsetof(index_facts, tables) == 72 && sizeof(index_facts) == 656);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

class shared_index {
 public:
  /// Replaces what is there; the caller sees to it that nobody else does so at this time.
  /// Faults: store_full, store_failed.
  static result<void> make(const unique_fd& folder, index_facts facts);
  /// Nothing where there is no file. Faults: version, bad_message, forbidden, config.
  static result<std::optional<shared_index>> open(const unique_fd& folder,
                                                  std::chrono::milliseconds patience);

  /// Runs `act` alone among all processes. What a process left half-done is put in order first.
  /// Faults: busy (somebody holds the lock for too long), not_found (the store was removed),
  /// bad_message (the index is damaged; what `act` did is void).
  result<void> locked(const std::function<void(catalogue&)>& act);
  /// The rows are looked at and the sums made anew. To be called once, before anything else.
  result<void> inspect();
  /// The store is no more: every later `locked` is a fault. Works on a damaged one too.
  void mark_removed();
  [[nodiscard]] bool is_removed() const { return header().is_removed != 0; }

  void announce_change();
  [[nodiscard]] std::uint32_t changes() const;
  /// Until `changes` is no longer `seen`, but for at most `patience`.
  void await_change(std::uint32_t seen, std::chrono::milliseconds patience);

  /// True where no other process has the file open. Only the lock of the folder keeps it so.
  [[nodiscard]] bool is_ours_alone() const;
  [[nodiscard]] const index_facts& facts() const { return header().facts; }
  /// For the filler of the object, without the lock.
  void note_written(object_ref what, std::uint64_t bytes);
  void set_probe(const catalogue::probe* step) { step_ = step; }

 private:
  shared_index(unique_fd file, mapping memory, std::chrono::milliseconds patience);
  [[nodiscard]] index_header& header() const;
  result<void> take_lock();
  void give_lock();
  result<void> put_in_order();
  result<void> damaged();

  unique_fd file_;
  mapping memory_;
  std::chrono::milliseconds patience_;
  tables rows_;
  const catalogue::probe* step_ = nullptr;
};

/// The fault of an index that is not what it should be; used for all of them.
fault damaged_index(const std::string& what);

}  // namespace fabric::objects
