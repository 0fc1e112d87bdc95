#include "scheduler/tuner/pruners/wilcoxon.hpp"

#include <algorithm>
#include <cmath>

namespace fabric::tuner {

namespace {

constexpr std::size_t exact_max = 50;

/// Sums of ranks, and what is needed to judge them.
struct ranking {
  double above = 0;      ///< of the differences above zero, and half of those at zero
  double ties = 0;       ///< sum of t^3 - t over groups of t equal sizes
  bool is_plain = true;  ///< no ties and no zeros
};

ranking rank(const std::vector<double>& differences) {
  std::vector<double> sorted = differences;
  std::ranges::sort(sorted, {}, [](double d) { return std::abs(d); });
  ranking found;
  for (std::size_t first = 0; first < sorted.size();) {
    const double size = std::abs(sorted[first]);
    std::size_t end = first;
    while (end < sorted.size() && std::abs(sorted[end]) == size) ++end;
    const auto tied = static_cast<double>(end - first);
    // Ranks count from 1; tied ones share their mean.
    const double rank = static_cast<double>(first + 1 + end) / 2;
    for (; first < end; ++first) {
      if (sorted[first] > 0) found.above += rank;
      if (sorted[first] == 0) found.above += rank / 2;
    }
    found.ties += tied * tied * tied - tied;
    found.is_plain = found.is_plain && tied == 1 && size != 0;
  }
  return found;
}

/// The share of all ways to choose signs for the ranks 1 to n whose sum of ranks above zero is at
/// least `sum`.
double exact_p(std::size_t n, double sum) {
  const std::size_t highest = n * (n + 1) / 2;
  std::vector<double> ways(highest + 1);
  ways[0] = 1;
  for (std::size_t rank = 1; rank <= n; ++rank)
    for (std::size_t s = highest; s >= rank; --s) ways[s] += ways[s - rank];
  double as_high = 0;
  for (auto s = static_cast<std::size_t>(sum); s <= highest; ++s) as_high += ways[s];
  return std::ldexp(as_high, -static_cast<int>(n));
}

double mean(const history& of) {
  double sum = 0;
  for (const auto& entry : of.entries()) sum += entry.loss;
  return sum / static_cast<double>(of.entries().size());
}

std::vector<double> differences(const history& a, const history& b) {
  std::vector<double> found;
  auto other = b.entries().begin();
  for (const auto& entry : a.entries()) {
    while (other != b.entries().end() && other->step < entry.step) ++other;
    if (other == b.entries().end()) break;
    const double difference = entry.loss - other->loss;
    if (other->step == entry.step && !std::isnan(difference)) found.push_back(difference);
  }
  return found;
}

}  // namespace

double signed_rank_p(const std::vector<double>& differences) {
  const auto found = rank(differences);
  const auto count = differences.size();
  if (count <= exact_max && found.is_plain) return exact_p(count, found.above);
  const auto n = static_cast<double>(count);
  const double variance = (n * (n + 1) * (2 * n + 1) - found.ties / 2) / 24;
  const double z = (found.above - n * (n + 1) / 4) / std::sqrt(variance);
  return std::erfc(z / std::sqrt(2.0)) / 2;
}

verdict wilcoxon_pruner::judge(const history& its) {
  if (!best_loss_ || best_.empty()) return verdict::go_on;
  const auto compared = differences(its, best_);
  if (compared.empty() || compared.size() < how_.startup) return verdict::go_on;
  if (!(signed_rank_p(compared) < how_.p)) return verdict::go_on;
  return mean(its) <= mean(best_) ? verdict::go_on : verdict::stop;
}

void wilcoxon_pruner::ended(const history& its, trial_state, std::optional<double> loss) {
  if (!loss || (best_loss_ && *best_loss_ <= *loss)) return;
  best_loss_ = loss;
  best_ = its;
}

}  // namespace fabric::tuner
