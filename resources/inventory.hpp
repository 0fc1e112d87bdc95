#pragma once

#include <map>
#include <optional>
#include <vector>

#include "fabric/demand.hpp"
#include "fabric/ids.hpp"

namespace fabric {

/// A node's resources and who holds them. Everything is held by a lease (an attempt); releasing a
/// lease gives back exactly what it took, so the free amounts can only return to where they began.
///
/// GPUs: a demand of n whole units takes the n lowest-numbered wholly free GPUs; a share takes the
/// fullest GPU that still has room (ties: lowest number), so that shares leave whole GPUs free.
class inventory {
 public:
  explicit inventory(capacity total);

  [[nodiscard]] const capacity& total() const { return total_; }
  [[nodiscard]] const resource_set& free() const { return free_; }
  [[nodiscard]] resource_set used() const;

  /// True where `needs` could be reserved now. GPU shares are checked per GPU: 0.5 is not
  /// available from two GPUs with 0.25 each.
  [[nodiscard]] bool fits(const demand& needs) const;

  /// True where `needs` could be reserved if nothing were held, labels included.
  [[nodiscard]] bool could_ever_fit(const demand& needs) const;

  /// Takes the resources for `holder`; answers which GPUs it holds, or nothing when they do not
  /// fit. Precondition: `holder` holds nothing yet.
  std::optional<std::vector<gpu_share>> reserve(attempt_id holder, const demand& needs);

  /// As `reserve`, with the GPUs given: for an attempt that already runs when the head learns of
  /// it (restart). What no longer exists is skipped; free amounts may then be over-committed and
  /// go negative until a release.
  void adopt(attempt_id holder, const demand& needs, const std::vector<gpu_share>& gpus);

  /// Gives back what `holder` took; false when it holds nothing.
  bool release(attempt_id holder);

  [[nodiscard]] bool holds(attempt_id holder) const { return leases_.contains(holder); }
  [[nodiscard]] std::size_t holders() const { return leases_.size(); }

  /// The invariant: free + all leases = total, per name and per GPU; no GPU over-committed unless
  /// adopted. Called by tests and the simulator after every step.
  [[nodiscard]] bool is_balanced() const;

 private:
  struct lease {
    resource_set amounts;
    std::vector<gpu_share> gpus;
  };
  capacity total_;
  resource_set free_;
  std::vector<milli> gpu_free_;  // parallel to total_.gpu_ids
  std::map<attempt_id, lease> leases_;
};

}  // namespace fabric
