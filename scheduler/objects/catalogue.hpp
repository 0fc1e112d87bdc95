#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/instant.hpp"
#include "scheduler/objects/answers.hpp"
#include "scheduler/objects/rows.hpp"

namespace fabric::objects {

/// Which objects a host has, where each lies, who holds it, which goes to disk and which is freed.
/// The catalogue is a view of rows that others may view too, one at a time: the shell has a lock.
///
/// A process may be killed between any two instructions. So a row that is in use changes by one
/// store of one word (`publish`), in an order in which every state between is a good one, and all
/// else (lists, sums, the hash table) is derived: `rebuild` makes it from the rows. Whoever finds
/// that a process died at work calls `rebuild` first, then `bury` for the dead.
///
/// Bytes of rows may also come from outside (another program wrote to the file). No index is
/// followed without a look at its range and no list without a bound; what does not fit sets
/// `is_damaged`, after which answers mean nothing and the shell refuses them.
class catalogue {
 public:
  /// Called before and after each store that others may see, so that tests can die there.
  using probe = std::function<void()>;

  explicit catalogue(tables rows, const probe* step = nullptr) : rows_(rows), step_(step) {}

  // --- life of the store
  /// False where the rows cannot be: then nothing was changed.
  [[nodiscard]] bool rebuild();
  [[nodiscard]] bool is_damaged() const { return damaged_; }
  /// What contradicts what, for tests and the simulation; nothing where all is well.
  [[nodiscard]] std::optional<std::string> contradiction() const;

  // --- parties
  std::optional<row_index> attach(std::int32_t pid, std::uint64_t born);
  [[nodiscard]] std::vector<process_party> processes() const;
  /// What these parties held ends, what they filled is doomed, what they copied or removed is due
  /// for others.
  void empty_hands(const std::vector<row_index>& of, instant now);
  /// The same, and the parties are no more.
  void bury(const std::vector<row_index>& gone, instant now);

  // --- objects
  /// The creator holds the object by one handle.
  create_answer create(const new_object& what, row_index self, const room& space);
  /// The object longest idle that the disk can take, for when memory is short without our doing.
  std::optional<copy_first> spill_one(row_index self, const room& space);
  /// False where the object is no longer the filler's: it was taken for dead.
  [[nodiscard]] bool seal(object_ref what, row_index self, instant now);
  /// Given up by its filler.
  void abandon(object_ref what, instant now);
  void copied(object_ref what, copy_outcome how, instant now);
  /// A view for `self`. An object that lies on disk and fits into memory is copied first, where
  /// that is allowed.
  map_answer map(const object_id& id, row_index self, const room& space, restoring may);
  hold_answer hold(const object_id& id, row_index self);
  /// Whether it is there and sealed, and how large.
  [[nodiscard]] hold_answer look(const object_id& id) const;
  void release(object_ref what, row_index self, hold_kind which, instant now);
  /// Holds by a name: once, however often it is said.
  hold_answer pin(const object_id& id, std::string_view name);
  /// False where the name does not pin the object.
  bool unpin(const object_id& id, std::string_view name, instant now);
  /// Found no longer; goes when the last view does. False where there is no such sealed object.
  bool drop(const object_id& id, instant now);
  void drop_all(instant now);

  // --- files to remove
  std::optional<chore> take_chore(row_index self);
  void chore_done(object_ref what, row_index self, instant now);
  [[nodiscard]] bool has_chores() const { return rows_.head->due_first != no_row; }

  [[nodiscard]] catalogue_usage usage() const;
  [[nodiscard]] const tables& rows() const { return rows_; }

  /// Bytes that an object counts for: whole pages, at least one.
  static std::uint64_t room_of(std::uint64_t size);

 private:
  template <class Word>
  void publish(Word& word, Word value);

  object_row& object(row_index i) const;
  hold_row& hold(row_index i) const;
  party_row& party(row_index i) const;
  row_index& bucket_of(const object_id& id) const;
  [[nodiscard]] bool is_current(object_ref what) const;
  [[nodiscard]] row_index find(const object_id& id) const;
  [[nodiscard]] row_index find_name(std::string_view name) const;
  [[nodiscard]] found found_at(row_index i) const;

  // rows that are free
  [[nodiscard]] bool has_unused_object() const;
  [[nodiscard]] bool has_unused_hold() const;
  row_index take_object();
  row_index take_hold();
  row_index take_party();
  void put_back_hold(row_index i);
  void put_back_party(row_index i);

  // holds
  [[nodiscard]] row_index hold_of(row_index object, row_index party) const;
  bool add_hold(row_index object, row_index party, hold_kind which);
  void set_count(row_index hold, hold_count count);
  void end_hold(row_index hold);
  void end_all_holds(row_index object);

  // status and what follows from it
  void set_status(row_index i, row_status next);
  void settle(row_index i);
  void count(const object_row& row, int sign);
  void relist(row_index i);
  void unlist(row_index i);
  void append(row_index i, listed to);
  void enter_bucket(row_index i);
  void leave_bucket(row_index i);

  // placing
  [[nodiscard]] std::uint64_t unwritten_bytes() const;
  [[nodiscard]] bool fits_memory(std::uint64_t need, std::uint64_t made_free,
                                 const room& space) const;
  [[nodiscard]] bool fits_disk(std::uint64_t need, const room& space) const;
  [[nodiscard]] row_index victim(const room& space) const;
  copy_first begin_copy(row_index i, row_index self);

  // rebuilding
  [[nodiscard]] bool are_plausible() const;
  void forget_derived();
  void rebuild_parties();
  void rebuild_objects();
  void rebuild_holds();

  tables rows_;
  const probe* step_;
  instant now_{};
  mutable bool damaged_ = false;
  mutable object_row spare_object_{};
  mutable hold_row spare_hold_{};
  mutable party_row spare_party_{};
  mutable row_index spare_bucket_ = no_row;
};

inline row_status status_of(const object_row& row) { return std::bit_cast<row_status>(row.status); }
inline party_kind kind_of(const party_row& row) { return static_cast<party_kind>(row.kind); }
inline hold_count count_of(const hold_row& row) { return std::bit_cast<hold_count>(row.count); }

/// The filler says how much it has written; needs no lock, since the row is the filler's.
void note_written(object_row& row, std::uint64_t bytes);

template <class Word>
void catalogue::publish(Word& word, Word value) {
  if (step_ != nullptr) (*step_)();
  // What was stored before must be there before: the kernel keeps the order of a process that dies,
  // the compiler would not.
  __atomic_store_n(&word, value, __ATOMIC_RELEASE);
  if (step_ != nullptr) (*step_)();
}

}  // namespace fabric::objects
