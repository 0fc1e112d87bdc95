#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "actors/store/head_store.hpp"

namespace fabric::store {

/// The one thread that touches the head's store. Batches of records go in from any thread; each
/// comes back, in order, through its callback once it is on disk, or with the fault that prevented
/// it.
///
/// Group commit: whatever has been queued while a commit was under way goes into the next one. An
/// idle writer commits at once; it never waits to fill a batch.
///
/// After a commit has failed, every batch is answered with that same fault, unwritten, until
/// `reopen`: the scheduler's state is ahead of the store then, and must be loaded again first.
///
/// Callbacks run on the writer's thread, must not throw and must not call `stop`.
class writer {
 public:
  using done = std::function<void(result<void>)>;

  struct limits {
    /// Over this a batch is refused with `busy`, and neither taken nor called back: the caller
    /// keeps it, takes in no further work, and offers it again after the next callback.
    std::size_t queued_records_max = 100'000;
    std::size_t queued_reads_max = 1'000;
    /// A commit takes no further batch once it has this many records, so that a burst is
    /// acknowledged piece by piece. A single larger batch is one commit.
    std::size_t commit_records_max = 4'096;
  };

  explicit writer(head_store store);
  writer(head_store store, limits how);
  ~writer();  ///< as `stop`
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Takes `records` only where it succeeds; else they are as they were. An empty batch is called
  /// back after what was submitted before it is on disk. A batch is taken by an empty queue
  /// whatever its size. Faults: busy (the queue is full), cancelled (stopped).
  result<void> submit(std::vector<scheduler::record_type>&& records, std::int64_t wall_ms,
                      done when_durable);

  /// Runs `look` on the writer's thread, between commits, after the batches submitted before. It
  /// also runs while commits fail. Faults: as `submit`.
  result<void> read(std::function<void(head_store&)> look);

  /// Batches submitted before this call and not committed are answered with the fault, those
  /// submitted after it are written again if it succeeds. Faults: cancelled.
  result<void> reopen(done when_open);

  [[nodiscard]] std::size_t queued_records() const;

  /// Takes nothing more, does what is queued, ends the thread. The store is closed with the writer.
  void stop();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace fabric::store
