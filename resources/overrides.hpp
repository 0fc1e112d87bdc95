#pragma once

#include <cstdint>
#include <optional>

#include "fabric/demand.hpp"

namespace fabric {

/// What an operator says of a node, over what was detected.
struct overrides {
  std::optional<milli> num_cpus;          ///< 0 is allowed: a node that runs no ordinary task
  std::optional<std::uint32_t> num_gpus;  ///< more than there are: logical GPUs "0" to "n-1"
  std::optional<milli> memory;
  resource_set resources;  ///< cpu, gpu and memory have fields of their own above
  label_map labels;        ///< added to the detected ones; the same key replaces
};

/// Faults: config where the outcome breaks a limit (GPUs, names, labels, amounts) or `resources`
/// holds cpu, gpu or memory.
result<capacity> apply_overrides(capacity detected, const overrides& said);

}  // namespace fabric
