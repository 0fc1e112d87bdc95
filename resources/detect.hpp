#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fabric/demand.hpp"
#include "fabric/result.hpp"

namespace fabric {

/// What detection looks at. Tests point it at a tree and a library of their own.
struct machine {
  std::filesystem::path root = "/";  ///< has proc and sys below it
  std::int64_t usable_cpus = 0;      ///< CPUs that this process may run on; 0 is unknown
  std::optional<std::string> cuda_visible_devices;  ///< the environment's, where it is set
  std::string nvml_library = "libnvidia-ml.so.1";
};

/// The machine that this process runs on, with its CPU affinity and environment.
machine this_machine();

struct detected {
  capacity has;
  std::vector<std::string> notes;  ///< one line each: what was limited, left out or assumed
};

/// CPUs: those of the affinity, at most the quota of the control groups (v1, v2, all ancestors),
/// never less than one. Memory: that of the machine, at most the limit of the control groups.
/// GPUs: see `survey_gpus` and `choose_gpus`. What cannot be read is left out, with a note.
detected detect(const machine& from);

/// The name that the kernel has for this host.
std::string host_name();

/// Changes with each boot of the machine: 36 characters, a UUID. Faults: config.
result<std::string> boot_id(const std::filesystem::path& root = "/");

}  // namespace fabric
