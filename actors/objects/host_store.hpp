#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "actors/objects/attachment.hpp"
#include "actors/objects/files.hpp"
#include "actors/objects/opening.hpp"
#include "actors/objects/store_options.hpp"
#include "fabric/object_id.hpp"
#include "fabric/result.hpp"
#include "scheduler/objects/answers.hpp"

/// Large immutable objects that all processes of one user on one host share, read without a copy.
namespace fabric::objects {

/// An object's bytes, mapped for reading. They stay as they are and where they are until the view
/// goes, whatever becomes of the object. Thread-safe.
class view {
 public:
  ~view();
  view(view&&) noexcept = default;
  view& operator=(view&& other) noexcept;

  [[nodiscard]] std::span<const std::byte> bytes() const { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }
  [[nodiscard]] const object_id& id() const { return id_; }
  /// Whether the bytes are read from the disk, because memory was full.
  [[nodiscard]] bool is_spilled() const { return where_ == place::disk; }

 private:
  friend class host_store;
  view(std::shared_ptr<attachment> store, const object_id& id, attachment::mapped there);

  std::shared_ptr<attachment> store_;
  object_id id_;
  object_ref what_;
  place where_ = place::memory;
  mapping bytes_;
};

/// Keeps an object without mapping it, so that it may go to disk meanwhile.
class handle {
 public:
  ~handle();
  handle(handle&&) noexcept = default;
  handle& operator=(handle&& other) noexcept;

  [[nodiscard]] const object_id& id() const { return id_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  friend class filling;
  friend class host_store;
  handle(std::shared_ptr<attachment> store, const object_id& id, object_ref what,
         std::uint64_t size);

  std::shared_ptr<attachment> store_;
  object_id id_;
  object_ref what_;
  std::uint64_t size_ = 0;
};

/// An object that is being written by this process; given up unless it is sealed. Bytes that are
/// never written are zeros. `write_at` may be called by several threads for parts that do not
/// overlap.
class filling {
 public:
  ~filling();
  filling(filling&&) noexcept = default;
  filling& operator=(filling&&) = delete;

  [[nodiscard]] const object_id& id() const { return id_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// The fastest way in: the kernel need not clear what is written whole.
  /// Faults: usage (beyond the end), store_full, store_failed.
  result<void> write_at(std::uint64_t offset, std::span<const std::byte> part);
  /// All bytes, to be made in place; space for them is reserved first. Invalid once sealed.
  /// Faults: store_full, store_failed.
  result<std::span<std::byte>> bytes();
  /// From now on everybody finds it, and nobody writes it. This process holds it by the answer.
  /// Faults: store_full, store_failed, not_found (given up, because we were taken for dead).
  result<handle> seal() &&;

 private:
  friend class host_store;
  filling(std::shared_ptr<attachment> store, const object_id& id, std::uint64_t size,
          attachment::new_file made);
  result<void> with_room(std::uint64_t need, const std::function<result<void>()>& act);

  std::shared_ptr<attachment> store_;
  object_id id_;
  std::uint64_t size_ = 0;
  object_ref what_;
  unique_fd file_;
  mapping written_in_place_;
};

struct store_usage : catalogue_usage {
  std::uint64_t memory_max = 0;
  std::uint64_t disk_max = 0;
};

/// This process's door to the store of its user on this host. Thread-safe. Views, handles and
/// fillings may outlive it. After fork(2) the child opens a store of its own.
///
/// All calls may answer busy (a stopped process keeps the lock), bad_message (the index is
/// damaged), not_found (the store was removed) and usage (in a child that inherited the store).
class host_store {
 public:
  /// Faults: usage, forbidden, version, bad_message, config, store_full, store_failed, busy.
  static result<host_store> open(store_options how);
  /// For a clean stop. Faults: busy where it is used, usage, forbidden.
  static result<void> remove(const store_options& how, removal which);

  /// Faults: key_conflict, store_full, busy (too many objects), too_large, store_failed.
  result<filling> create(const object_id& id, std::uint64_t size);
  /// `create`, `write_at`, `seal`.
  result<handle> put(const object_id& id, std::span<const std::byte> bytes);
  /// Waits for at most `patience` until there is such an object and it is sealed.
  /// Faults: not_found, timed_out (it is still being filled), busy, store_failed.
  result<view> find(const object_id& id, std::chrono::milliseconds patience = {});
  /// The object of the handle. Faults: not_found, where it was dropped; as `find`.
  result<view> map(const handle& held);
  /// Faults: not_found (not there, or not sealed), busy.
  result<handle> hold(const object_id& id);
  /// Whether it is there and sealed.
  result<bool> contains(const object_id& id);

  /// Keeps an object by a name of up to 95 bytes, for as long as the store is in use or until
  /// `unpin`; once, however often it is said. Also before the object is sealed.
  /// Faults: not_found, busy, usage.
  result<void> pin(const object_id& id, const std::string& name);
  /// False where the name does not pin it.
  result<bool> unpin(const object_id& id, const std::string& name);
  /// Takes a sealed object from everybody: found no longer, and gone with its last view. False
  /// where it is not there.
  result<bool> drop(const object_id& id);

  /// Drawn when the store was made: processes that see the same one share it.
  [[nodiscard]] object_id name() const { return store_->name(); }
  result<store_usage> usage();
  /// Ends what dead processes held and answers how many they were. Also done when space is short.
  result<std::size_t> sweep();

 private:
  explicit host_store(std::shared_ptr<attachment> store) : store_(std::move(store)) {}
  std::shared_ptr<attachment> store_;
};

/// Drawn at random.
object_id random_object_id();

}  // namespace fabric::objects
