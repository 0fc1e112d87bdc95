#include "scheduler/fit_index.hpp"

namespace fabric::scheduler {

void fit_index::update(node_id node, std::optional<placement_score> score) {
  const auto known = scores_.find(node);
  if (known != scores_.end()) {
    if (score && *score == known->second) return;
    order_.erase({known->second, node});
    if (!score) {
      scores_.erase(known);
      return;
    }
    known->second = *score;
  } else {
    if (!score) return;
    scores_.emplace(node, *score);
  }
  order_.emplace(*score, node);
}

std::optional<node_id> fit_index::best() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->second;
}

std::optional<placement_score> fit_index::score_of(node_id node) const {
  const auto known = scores_.find(node);
  if (known == scores_.end()) return std::nullopt;
  return known->second;
}

void fit_index::clear() {
  order_.clear();
  scores_.clear();
}

}  // namespace fabric::scheduler
