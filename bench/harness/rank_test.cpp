#include "bench/harness/rank_test.hpp"

#include <cmath>
#include <map>
#include <numbers>

namespace fabric::bench {

rank_test compare(const std::vector<double>& first, const std::vector<double>& second) {
  double less = 0;
  for (const double a : first)
    for (const double b : second) less += a < b ? 1 : a == b ? 0.5 : 0;
  const auto m = static_cast<double>(first.size());
  const auto n = static_cast<double>(second.size());
  std::map<double, double> ties;
  for (const double a : first) ++ties[a];
  for (const double b : second) ++ties[b];
  double tied = 0;
  for (const auto& [value, count] : ties) tied += count * count * count - count;
  const double all = m + n;
  const double variance = m * n / 12 * (all + 1 - tied / (all * (all - 1)));
  if (variance <= 0) return {less / (m * n), 1};
  const double z = std::max(std::abs(less - m * n / 2) - 0.5, 0.0) / std::sqrt(variance);
  return {less / (m * n), std::erfc(z / std::numbers::sqrt2)};
}

}  // namespace fabric::bench
