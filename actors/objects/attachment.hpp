#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "actors/objects/folders.hpp"
#include "actors/objects/shared_index.hpp"
#include "actors/objects/store_options.hpp"

namespace fabric::objects {

/// What one opening of a store has: the index, the folders, and its row among the holders. Views,
/// handles and fillings share it; when the last of them is gone, so are its holds.
/// Thread-safe. A child of fork(2) inherits the bytes of views and nothing else.
class attachment {
 public:
  static result<std::shared_ptr<attachment>> open(const store_options& how);
  ~attachment();
  attachment(const attachment&) = delete;
  attachment& operator=(const attachment&) = delete;

  struct new_file {
    object_ref what;
    place where = place::memory;
    unique_fd file;
  };
  /// Makes room by what the catalogue says, then the file. Faults: key_conflict, store_full, busy,
  /// too_large, store_failed.
  result<new_file> create(const object_id& id, std::uint64_t size);
  /// Spills something, because the file system has no room for what is being filled. False where
  /// there is nothing.
  bool relieve();
  result<void> seal(object_ref what);
  void abandon(object_ref what);

  struct mapped {
    object_ref what;
    place where = place::memory;
    mapping bytes;
  };
  /// Nothing where the object is not there, or not sealed, as `why` tells.
  result<std::optional<mapped>> map(const object_id& id, miss& why);
  result<void> await_change(std::uint32_t seen, std::chrono::milliseconds patience);
  [[nodiscard]] std::uint32_t changes() const { return index_.changes(); }
  result<hold_answer> hold(const object_id& id);
  void release(object_ref what, hold_kind which);

  result<hold_answer> pin(const object_id& id, const std::string& name);
  result<bool> unpin(const object_id& id, const std::string& name);
  result<bool> drop(const object_id& id);
  result<hold_answer> look(const object_id& id);
  result<catalogue_usage> usage();
  /// Ends what dead processes held. Answers how many they were.
  result<std::size_t> sweep();

  void note_written(object_ref what, std::uint64_t bytes) { index_.note_written(what, bytes); }
  /// Faults: usage, in a child that inherited us.
  [[nodiscard]] result<void> check_process() const;
  [[nodiscard]] const store_limits& limits() const { return index_.facts().limits; }
  /// Of this store alone, on this host and on others.
  [[nodiscard]] object_id name() const;
  /// The one fault of a full store: how much is held, by whom, and what to do.
  fault full(std::uint64_t size);
  /// A fault for each way in which the tables have an end.
  fault refused(refusal why, const object_id& id, std::uint64_t size);

 private:
  attachment(const store_options& how, shared_index index, unique_fd memory, unique_fd disk);
  result<void> join(const store_options& how);
  [[nodiscard]] const unique_fd& folder(place where) const;
  enum class disk_use { none, all };
  [[nodiscard]] room measure(disk_use use) const;
  result<new_file> make_created(const created& made, std::uint64_t size);
  result<void> act(const std::function<void(catalogue&)>& what);
  result<void> copy(const copy_first& what);
  result<void> write_copy(const copy_first& what);
  void do_chores();
  result<std::size_t> bury_all_others();
  void step() const;

  birth_lookup births_;
  catalogue::probe step_;
  shared_index index_;
  unique_fd memory_;
  unique_fd disk_;
  pid_t pid_;
  row_index self_ = no_row;
  /// Whether files were due for removal when the lock was last held here.
  std::atomic<bool> has_chores_{true};
  std::atomic<std::int64_t> swept_us_{INT64_MIN / 2};
};

}  // namespace fabric::objects
