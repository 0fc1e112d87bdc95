#pragma once

#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "fabric/ids.hpp"
#include "scheduler/policy.hpp"

namespace fabric::scheduler {

/// The nodes on which one demand fits now, best first; equal scores by lowest node id.
class fit_index {
 public:
  /// No score: the node does not fit, or is gone.
  void update(node_id node, std::optional<placement_score> score);
  [[nodiscard]] std::optional<node_id> best() const;
  [[nodiscard]] std::optional<placement_score> score_of(node_id node) const;
  [[nodiscard]] std::size_t size() const { return scores_.size(); }
  [[nodiscard]] bool is_consistent() const { return scores_.size() == order_.size(); }
  void clear();

 private:
  std::set<std::pair<placement_score, node_id>> order_;
  std::unordered_map<node_id, placement_score> scores_;
};

}  // namespace fabric::scheduler
