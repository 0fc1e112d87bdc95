#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
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

/// "cpu=1, gpu=1, disk!=slow, zone=home".
std::string to_string(const demand& needs);

/// Whether a demand that was typed or received is one that an inventory can work with.
/// Faults: usage where a GPU amount above 1 is not whole, an amount is negative or above
/// `amount_max`, a name or label is malformed, conditions are not sorted or repeat, or there are
/// too many of either.
result<void> check_demand(const demand& needs);

/// What a node holds: amounts, and the id of each GPU as CUDA_VISIBLE_DEVICES spells it ("0", "1"
/// or a UUID). Invariant: amounts["gpu"] is one unit for each id.
struct capacity {
  resource_set amounts;
  std::vector<std::string> gpu_ids;
  label_map labels;

  bool operator==(const capacity&) const = default;
};

/// GPUs of one node, real or logical.
inline constexpr std::size_t gpus_max = 1024;

/// True for an id that CUDA_VISIBLE_DEVICES can carry: 1 to 96 letters, digits, '-', '_', '.', '/'
/// or ':'.
bool is_gpu_id(std::string_view id);

/// Whether a capacity that a peer announces keeps its invariant and the limits of its parts.
/// Faults: bad_message.
result<void> check_capacity(const capacity& has);

/// The part of one GPU that a task holds.
struct gpu_share {
  std::string id;
  milli share;  ///< milli{1000} is the whole GPU

  auto operator<=>(const gpu_share&) const = default;
};

}  // namespace fabric
