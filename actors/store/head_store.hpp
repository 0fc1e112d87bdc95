#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/record.hpp"
#include "transport/message.hpp"

namespace fabric::store {

/// How hard a commit tries.
enum class durability : std::uint8_t {
  full,     ///< synchronous=FULL: survives power loss where the disk honours flush
  process,  ///< synchronous=NORMAL: survives kill -9 of the head, not power loss
};

/// A CURVE key that may connect.
struct admitted_key {
  std::string public_key;  ///< 32 bytes
  transport::role as = transport::role::client;
  std::string name;
  std::int64_t since_ms = 0;
  bool revoked = false;

  bool operator==(const admitted_key&) const = default;
};

/// A job and its tasks as stored, for listings of what the scheduler no longer holds.
struct stored_task {
  task_id id;
  scheduler::task_state state = scheduler::task_state::queued;
  attempt_number attempt = 0;
  node_id node;
  std::uint32_t failures = 0;
  std::uint32_t lost = 0;
  std::string report;
  std::int64_t changed_ms = 0;  ///< wall clock of the last change
};
struct stored_job {
  job_id id;
  std::shared_ptr<const scheduler::job> what;
  bool cancelled = false;
  std::int64_t submitted_ms = 0;
  std::string cancel_reason;  ///< for people; may be empty
};

/// The head's SQLite file: WAL, one connection that writes and checkpoints, STRICT tables,
/// application_id and user_version, an exclusive flock on `PATH.lock` for the life of the object.
///
/// Faults of open: store_locked (naming the pid that holds it), bad_message (a file of another
/// program), version (a newer schema: untouched), store_failed, store_full, config (network file
/// system). All calls from one thread at a time.
///
/// Nothing else in the process may open the file: closing a descriptor of it would drop the locks
/// that SQLite holds on it.
class head_store {
 public:
  /// ":memory:" makes a private store without a file or lock.
  static result<head_store> open(const std::string& path, durability how);
  ~head_store();
  head_store(head_store&&) noexcept;
  head_store& operator=(head_store&&) noexcept;

  /// The cluster's id (32 hexadecimal digits), made at the first open.
  [[nodiscard]] const std::string& cluster() const;

  /// Adds one to the stored epoch, durably, and answers it. Called once, before binding.
  result<std::uint64_t> next_epoch();

  /// Writes a row as it was, durably: succeeds where the store can be written and its disk has room
  /// for more.
  result<void> touch();

  /// All or nothing, in one transaction, in order. `wall_ms` stamps the rows. After store_failed
  /// the outcome is unknown (`reopen` and `load` to know); after any other fault nothing was
  /// stored. Faults: internal (a record that breaks a rule of the scheduler's: a final state
  /// changed, an attempt's number that does not grow), stale_epoch (another head has taken over),
  /// store_full, store_failed, store_locked.
  result<void> commit(std::span<const scheduler::record_type> records, std::int64_t wall_ms);

  struct batch {
    std::span<const scheduler::record_type> records;
    std::int64_t wall_ms = 0;
  };
  /// Several at once: group commit.
  result<void> commit(std::span<const batch> batches);

  /// Goes on after a fault, keeping the lock and the epoch: what `load` answers then is what the
  /// file holds. Where this fails after store_failed the store is closed, and every call fails with
  /// store_failed until it succeeds.
  result<void> reopen();

  result<scheduler::snapshot> load();

  result<void> admit(const admitted_key& key);
  /// What it had kept is dropped.
  result<void> revoke(std::string_view public_key);
  result<std::vector<admitted_key>> keys();
  /// Keeps some bytes for the holder of the key, in place of the last ones. Faults: not_found,
  /// where the key is not admitted.
  result<void> keep_state(std::string_view public_key, std::string_view state);
  /// Nothing where none was kept.
  result<std::optional<std::string>> kept_state(std::string_view public_key);

  /// Newest first. `before` = 0 starts at the newest.
  result<std::vector<stored_job>> jobs(job_id before, std::size_t limit);
  result<std::optional<stored_job>> job(job_id id);
  /// Tasks with a row of their own, in index order from `first`; with `only` in that state.
  result<std::vector<stored_task>> tasks(job_id id, std::uint32_t first, std::size_t limit,
                                         std::optional<scheduler::task_state> only = {});
  result<std::optional<stored_task>> task(task_id id);
  result<std::optional<std::string>> node_name(node_id id);

 private:
  struct file;
  explicit head_store(std::unique_ptr<file> f);
  std::unique_ptr<file> file_;
};

}  // namespace fabric::store
