#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/demand.hpp"

namespace fabric {

/// A GPU as its driver tells of it. Its index is its place in the list.
struct gpu_device {
  std::string uuid;   ///< "GPU-..."; empty where the driver does not say
  std::string model;  ///< "NVIDIA H100 80GB HBM3"
  std::int64_t memory_bytes = 0;

  bool operator==(const gpu_device&) const = default;
};

/// The GPUs that a node offers.
struct visible_gpus {
  std::vector<std::string> ids;  ///< as CUDA_VISIBLE_DEVICES spells them
  label_map labels;              ///< gpu_model and gpu_memory_gib, where all GPUs agree on them
  std::vector<std::string> notes;

  bool operator==(const visible_gpus&) const = default;
};

/// All `devices`, by index; or, where CUDA_VISIBLE_DEVICES is set for this process, the ones listed
/// there, spelled as there (index, UUID or a beginning of one, MIG instance). As in CUDA, the first
/// entry that names no GPU, or one that is listed before, ends the list; "" and "-1" list none.
visible_gpus choose_gpus(const std::vector<gpu_device>& devices,
                         const std::optional<std::string>& cuda_visible_devices);

/// "NVIDIA H100 80GB HBM3" is "h100-80gb-hbm3": a label value that needs no quotes.
std::string label_of_model(std::string_view model);

/// CUDA_VISIBLE_DEVICES for a task that holds these shares; nothing where it holds none, so that
/// other tasks keep the environment they have.
std::optional<std::string> gpu_environment(const std::vector<gpu_share>& held);

}  // namespace fabric
