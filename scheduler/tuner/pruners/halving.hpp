#pragma once

#include <unordered_map>
#include <vector>

#include "scheduler/tuner/pruners/order_split.hpp"
#include "scheduler/tuner/pruners/pruner.hpp"

namespace fabric::tuner {

/// Asynchronous successive halving (Li et al., arXiv:1810.05934). Rung r is reached at step
/// least * factor^(early + r); a trial goes on from there when its value is among the best 1/factor
/// of those that have reached the rung so far, whatever became of them; of fewer than `factor`,
/// when it is the best. Nobody is waited for, so the first ones go on more easily than later ones.
///
/// A trial that begins anew keeps the rungs it has passed. A rung costs O(log trials), and 8 bytes
/// for each trial that reached it.
class halving_pruner final : public pruner {
 public:
  struct settings {
    /// Nothing: a hundredth of the longest complete trial's last step, at least 1, found once when
    /// the first trial is judged after one is complete; none is stopped before.
    std::optional<std::int64_t> least;
    std::int64_t factor = 4;
    std::int64_t early = 0;       ///< rungs that are left out at the bottom
    std::uint64_t bootstrap = 0;  ///< trials at a rung before any passes it
  };

  explicit halving_pruner(settings how) : how_(how) {}

  verdict judge(const history& its) override;
  void ended(const history& its, trial_state how, std::optional<double> loss) override;

 private:
  [[nodiscard]] std::int64_t step_of(std::size_t rung) const;
  /// True where the loss is good enough for the next rung. It counts from now on.
  bool passes(std::size_t rung, double loss);

  settings how_;
  std::int64_t longest_ = -1;  ///< last step of a complete trial; -1: none has reported
  std::vector<order_split> rungs_;
  std::unordered_map<trial_number, std::size_t> reached_;  ///< rungs that running trials passed
};

}  // namespace fabric::tuner
