#pragma once

#include <vector>

namespace fabric::bench {

/// The rank-sum test of two samples (Mann, Whitney: Ann. Math. Stat. 18, 1947), with the normal
/// approximation and its correction for ties: fair from about eight values on each side.
struct rank_test {
  double less = 0.5;  ///< share of the pairs in which the first is less, ties by half
  double p = 1;       ///< of so large a difference by chance, either way
};

/// Precondition: neither is empty.
rank_test compare(const std::vector<double>& first, const std::vector<double>& second);

}  // namespace fabric::bench
