#pragma once

#include <cstdint>
#include <vector>

#include "scheduler/tuner/trial.hpp"

namespace fabric::tuner {

/// What a trial has reported so far, as losses: smaller is better, whatever the study's direction.
///
/// Invariant: steps rise; an entry's `best` is the smallest loss up to it that is a number, NaN
/// where none is.
class history {
 public:
  struct entry {
    std::int64_t step = 0;
    double loss = 0;
    double best = 0;
  };

  explicit history(trial_number of) : number_(of) {}

  /// Mostly at the end, which costs nothing that grows. Precondition: the step is not there.
  void add(std::int64_t step, double loss);
  /// Nothing where the step was not reported. Good until the next change.
  [[nodiscard]] const entry* find(std::int64_t step) const;
  /// Forgets that step and all later ones.
  void forget_from(std::int64_t step);
  void clear() { entries_.clear(); }

  [[nodiscard]] trial_number number() const { return number_; }
  [[nodiscard]] const std::vector<entry>& entries() const { return entries_; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// The report with the highest step. Precondition: not empty.
  [[nodiscard]] const entry& last() const { return entries_.back(); }

 private:
  trial_number number_;
  std::vector<entry> entries_;
};

}  // namespace fabric::tuner
