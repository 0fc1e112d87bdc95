#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "scheduler/tuner/findings.hpp"
#include "scheduler/tuner/trial.hpp"

namespace fabric::tuner {

/// Which points of a space are free, leased and done. Only touched points are stored, so a space of
/// 10^15 points costs nothing up front, and about 70 bytes for each point that was ever given out.
///
/// A point is known by its rank where the space has a size, and by a 128-bit hash of its
/// coordinates otherwise; among a billion points the chance that two share a hash is 10^-21.
///
/// Invariant: a point is leased where it has leases, done where it was touched and has none; a
/// touched point never becomes free again, but by `forget`.
class ledger {
 public:
  struct entry {
    trial_number owner = 0;         ///< the trial that touched it first
    std::uint32_t leases = 0;       ///< over 1 only where points may be repeated
    findings::place found_at = {};  ///< the first finding that has values
    [[nodiscard]] bool has_value() const { return found_at != findings::nowhere; }
  };

  /// `over` must outlive the ledger.
  explicit ledger(const space& over, std::size_t objectives = 1);

  [[nodiscard]] bool is_free(const point& p) const { return !find(p); }
  /// Precondition: the space has a size and rank is below it.
  [[nodiscard]] bool is_free(std::uint64_t rank) const;
  /// Nothing for a free point. The pointer is good until the next change.
  [[nodiscard]] const entry* find(const point& p) const;
  /// What was found at the point: without values where nothing was.
  [[nodiscard]] finding found(const entry& at) const { return findings_.at(at.found_at); }

  [[nodiscard]] std::uint64_t leases() const { return leases_; }
  [[nodiscard]] std::uint64_t touched() const { return touched_; }
  /// Points left, in a space that has a size.
  [[nodiscard]] std::optional<std::uint64_t> free() const;

  void lease(const point& p, trial_number owner);
  /// `what` has one value an objective, or none. Precondition: the point is leased.
  void release(const point& p, const finding& what);
  /// The point is done by a trial that had no lease here (from the store, or of another tuner).
  void settle(const point& p, trial_number owner, const finding& what);
  /// As settle, but what the store says takes the place of what was known: a value of ours may not
  /// have been recorded.
  void overrule(const point& p, trial_number owner, const finding& what);
  /// The point is free again: whoever had it says nothing of it and never will. Leaves alone what
  /// is leased, has a value or belongs to another trial. True where it is free now.
  bool forget(const point& p, trial_number owner);
  /// The owner has another number now.
  void rename(const point& p, trial_number from, trial_number to);

  /// Recounts everything; empty when all is well.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  struct id {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    bool operator==(const id&) const = default;
  };
  struct id_hash {
    std::size_t operator()(const id& i) const;
  };

  using shard = std::unordered_map<id, entry, id_hash>;

  [[nodiscard]] id id_of(const point& p) const;
  [[nodiscard]] const shard& shard_of(const id& i) const;
  /// The entry of a point that may have none yet.
  entry& touch(const point& p, trial_number owner);
  /// Precondition: the point is not free.
  entry& known(const point& p);

  const space* over_;
  std::optional<std::uint64_t> size_;
  /// One table would stop the study for a third of a second when it grows at a million points.
  std::array<shard, 256> shards_;
  findings findings_;
  std::uint64_t touched_ = 0;
  std::uint64_t leases_ = 0;
};

}  // namespace fabric::tuner
