#pragma once

#include <vector>

#include "actors/plots/subject.hpp"

namespace fabric::plots {

/// How good values are among all of a study: by rank, so that one that is far off does not make
/// all others look alike.
class ranking {
 public:
  explicit ranking(std::span<const judged_trial> all);

  /// 0 for the worst, 1 for the best. Precondition: the loss is one of them.
  [[nodiscard]] double goodness_of(double loss) const;

 private:
  std::vector<double> losses_;
};

/// The shade of a goodness: a look.
std::string shade_of(double goodness);

}  // namespace fabric::plots
