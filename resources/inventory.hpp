#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
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
  /// Precondition: `check_capacity(total)` has no fault.
  explicit inventory(capacity total);

  [[nodiscard]] const capacity& total() const { return total_; }
  [[nodiscard]] const resource_set& free() const { return free_; }
  [[nodiscard]] resource_set used() const;

  /// True where `needs` could be reserved now, labels included. GPU shares are checked per GPU: 0.5
  /// is not available from two GPUs with 0.25 each. A negative amount and a GPU amount that is
  /// neither whole nor a share never fit.
  [[nodiscard]] bool fits(const demand& needs) const;

  /// True where `needs` could be reserved if nothing were held, labels included.
  [[nodiscard]] bool could_ever_fit(const demand& needs) const;

  /// Takes the resources for `holder`; answers which GPUs it holds, or nothing when they do not
  /// fit. Precondition: `holder` holds nothing yet.
  std::optional<std::vector<gpu_share>> reserve(attempt_id holder, const demand& needs);

  /// Takes the resources and exactly these GPUs, which an earlier lease of `holder` had; false when
  /// they are not all free. Precondition: `holder` holds nothing.
  bool reserve_again(attempt_id holder, const demand& needs, const std::vector<gpu_share>& gpus);

  /// As `reserve`, with the GPUs given: for an attempt that already runs when the head learns of
  /// it (restart). Nothing is refused: free amounts may be over-committed and go negative until a
  /// release. Skipped is what does not exist here (names and GPUs), what is not a share of a GPU
  /// (outside 0 to 1) and a GPU named twice; labels do not matter.
  /// Preconditions: `holder` holds nothing yet, `check_demand(needs)` has no fault.
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
    resource_set amounts;         // GPUs among them: the sum of `gpus`
    std::vector<gpu_share> gpus;  // of this node, each once
    bool adopted = false;
  };

  [[nodiscard]] bool is_acceptable(const demand& needs) const;
  [[nodiscard]] std::vector<std::size_t> gpus_for(milli amount) const;
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view gpu_id) const;
  void take(const lease& what);

  capacity total_;
  resource_set free_;
  std::vector<milli> gpu_free_;  // parallel to total_.gpu_ids
  std::map<attempt_id, lease> leases_;
};

}  // namespace fabric
