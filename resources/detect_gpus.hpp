#pragma once

#include <string>
#include <vector>

#include "resources/visible_gpus.hpp"

namespace fabric {

struct gpu_survey {
  std::vector<gpu_device> devices;  ///< in the driver's order
  std::vector<std::string> notes;
};

/// Asks NVIDIA's management library, loaded by name at run time and unloaded again. A machine
/// without the library has no GPUs, which is a normal answer; a library that fails is noted.
/// The driver may start threads while it is loaded: call it after any fork that must not see them.
gpu_survey survey_gpus(const std::string& library);

}  // namespace fabric
