#include "scheduler/policy/score.hpp"

namespace fabric::scheduler::policy {

placement_score pack(const inventory& node, const demand& needs) {
  return kinds_wasted(node, needs) * waste_weight + mean_free(node);
}

}  // namespace fabric::scheduler::policy
