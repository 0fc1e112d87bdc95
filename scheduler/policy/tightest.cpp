#include <algorithm>

#include "scheduler/policy/score.hpp"

namespace fabric::scheduler::policy {

placement_score tightest(const inventory& node, const demand& needs) {
  std::int64_t least = 1'000'000;
  for (const auto& [name, amount] : needs.amounts)
    least = std::min(least, millionths(node.free()[name] - amount, node.total().amounts[name]));
  return kinds_wasted(node, needs) * waste_weight + least;
}

}  // namespace fabric::scheduler::policy
