#include "actors/daemon/spelling.hpp"

#include <algorithm>

namespace fabric::daemon {

namespace {

constexpr std::size_t letters_max = 64;  ///< longer words are no slips of a finger

/// Optimal string alignment: changes of one letter, and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() < 2 || word.size() > letters_max) return std::nullopt;
  std::optional<std::string> found;
  auto least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& each : known) {
    const auto far = distance(word, each);
    if (far >= least || far >= each.size()) continue;
    least = far;
    found = each;
  }
  return found;
}

}  // namespace fabric::daemon
