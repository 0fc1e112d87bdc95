#pragma once

#include <string>
#include <vector>

#include "scheduler/tuner/pruners/halving.hpp"

namespace fabric::tuner {

/// Hyperband (Li et al., JMLR 18, 2017), with asynchronous successive halving in its brackets:
/// bracket b leaves out the b lowest rungs, and gets a share of the trials that is the larger the
/// earlier it stops them. Which bracket a trial is in follows from the study's name and the trial's
/// number, so that it is the same in every process.
class hyperband_pruner final : public pruner {
 public:
  struct settings {
    std::int64_t least = 1;
    /// Nothing: one more than the longest complete trial's last step, found once when the first
    /// trial is judged after one is complete; none is stopped before.
    std::optional<std::int64_t> most;
    std::int64_t factor = 3;
    std::uint64_t bootstrap = 0;
  };

  hyperband_pruner(settings how, std::string_view study);

  verdict judge(const history& its) override;
  void ended(const history& its, trial_state how, std::optional<double> loss) override;

  /// The brackets' shares; empty until `most` is known.
  [[nodiscard]] const std::vector<std::uint64_t>& shares() const { return shares_; }
  /// Precondition: there are shares.
  [[nodiscard]] std::size_t bracket_of(trial_number n) const;

 private:
  void open_brackets();

  settings how_;
  std::string study_;
  std::int64_t longest_ = -1;
  std::vector<halving_pruner> brackets_;
  std::vector<std::uint64_t> shares_;
};

}  // namespace fabric::tuner
