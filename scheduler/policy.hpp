#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "resources/inventory.hpp"

namespace fabric::scheduler {

/// Which of the nodes that fit gets the task. One file each in scheduler/policy/.
enum class placement_policy : std::uint8_t {
  pack,      ///< fullest node first, so that whole nodes stay free for large tasks
  spread,    ///< emptiest node first
  tightest,  ///< least slack in the scarcest resource that the task needs
};

std::string_view name_of(placement_policy policy);
std::optional<placement_policy> policy_named(std::string_view name);

/// Lower is better. Integers, so that equal nodes are equal on every machine.
using placement_score = std::int64_t;

/// How much the policy likes to put `needs` on the node. Precondition: it fits.
placement_score score_of(placement_policy policy, const inventory& node, const demand& needs);

}  // namespace fabric::scheduler
