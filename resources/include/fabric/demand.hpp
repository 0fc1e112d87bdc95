#pragma once

#include <compare>
#include <string>
#include <vector>

#include "fabric/amount.hpp"
#include "fabric/labels.hpp"

namespace fabric {

/// What a task asks of the node that runs it. `gpu` amounts of 1 or more are whole numbers;
/// below 1 they are a share of one GPU. Conditions are sorted.
struct demand {
  resource_set amounts;
  std::vector<label_condition> where;

  auto operator<=>(const demand&) const = default;
};

/// Faults: usage where a GPU amount above 1 is not whole.
result<void> check_demand(const demand& needs);

/// What a node holds: amounts, and the id of each GPU as CUDA_VISIBLE_DEVICES spells it ("0", "1"
/// or a UUID). Invariant: amounts["gpu"] is one unit for each id.
struct capacity {
  resource_set amounts;
  std::vector<std::string> gpu_ids;
  label_map labels;

  bool operator==(const capacity&) const = default;
};

/// The part of one GPU that a task holds.
struct gpu_share {
  std::string id;
  milli share;  ///< milli{1000} is the whole GPU

  auto operator<=>(const gpu_share&) const = default;
};

}  // namespace fabric
