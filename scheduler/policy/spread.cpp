#include "scheduler/policy/score.hpp"

namespace fabric::scheduler::policy {

/// Emptiness outweighs waste here: the point is to leave room around each task.
placement_score spread(const inventory& node, const demand& needs) {
  return kinds_wasted(node, needs) - mean_free(node) * 1'000;
}

}  // namespace fabric::scheduler::policy
