#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fabric/amount.hpp"

namespace fabric::scheduler {

/// Which of the nodes that fit gets the task. One file each in scheduler/policy/.
enum class placement_policy : std::uint8_t {
  pack,      ///< fullest node first, so that whole nodes stay free for large tasks
  spread,    ///< emptiest node first
  tightest,  ///< least slack in the scarcest resource that the task needs
};

std::string_view name_of(placement_policy policy);
std::optional<placement_policy> policy_named(std::string_view name);

}  // namespace fabric::scheduler
