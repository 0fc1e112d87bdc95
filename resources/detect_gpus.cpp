#include "resources/detect_gpus.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

namespace fabric {

namespace {

// The part of nvml.h that is needed here: its functions of version 2 have kept these shapes since
// driver 319, and the library is not there when we build.
struct nvml_device;
using nvml_handle = nvml_device*;
struct nvml_memory {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
using nvml_status = int;
constexpr nvml_status nvml_success = 0;
constexpr std::size_t text_bytes_max = 96;  // NVML_DEVICE_NAME_V2_BUFFER_SIZE, the largest

struct close_library {
  void operator()(void* library) const { dlclose(library); }
};
using library_handle = std::unique_ptr<void, close_library>;

struct nvml_functions {
  nvml_status (*init)() = nullptr;
  nvml_status (*shutdown)() = nullptr;
  nvml_status (*count)(unsigned*) = nullptr;
  nvml_status (*handle)(unsigned, nvml_handle*) = nullptr;
  nvml_status (*name)(nvml_handle, char*, unsigned) = nullptr;
  nvml_status (*uuid)(nvml_handle, char*, unsigned) = nullptr;
  nvml_status (*memory)(nvml_handle, nvml_memory*) = nullptr;
};

template <class Function>
bool find(void* library, const char* symbol, Function& out) {
  out = reinterpret_cast<Function>(dlsym(library, symbol));
  return out != nullptr;
}

std::optional<nvml_functions> functions_of(void* library) {
  nvml_functions out;
  const bool complete = find(library, "nvmlInit_v2", out.init) &&
                        find(library, "nvmlShutdown", out.shutdown) &&
                        find(library, "nvmlDeviceGetCount_v2", out.count) &&
                        find(library, "nvmlDeviceGetHandleByIndex_v2", out.handle) &&
                        find(library, "nvmlDeviceGetName", out.name) &&
                        find(library, "nvmlDeviceGetUUID", out.uuid) &&
                        find(library, "nvmlDeviceGetMemoryInfo", out.memory);
  return complete ? std::optional{out} : std::nullopt;
}

using text_function = nvml_status (*)(nvml_handle, char*, unsigned);

std::string text_of(text_function ask, nvml_handle device) {
  std::array<char, text_bytes_max> text{};
  if (ask(device, text.data(), static_cast<unsigned>(text.size())) != nvml_success) return {};
  return {text.begin(), std::ranges::find(text, '\0')};
}

std::int64_t memory_of(const nvml_functions& nvml, nvml_handle device) {
  nvml_memory memory{};
  if (nvml.memory(device, &memory) != nvml_success) return 0;
  constexpr auto bytes_max = static_cast<unsigned long long>(amount_max.value / 1000);
  return static_cast<std::int64_t>(std::min(memory.total, bytes_max));
}

std::string failed(std::string_view what, nvml_status status) {
  return "no GPUs: NVIDIA's library cannot " + std::string(what) + " (NVML status " +
         std::to_string(status) + ")";
}

gpu_survey devices_of(const nvml_functions& nvml) {
  gpu_survey found;
  unsigned count = 0;
  if (const auto status = nvml.count(&count); status != nvml_success) {
    found.notes.push_back(failed("count them", status));
    return found;
  }
  count = std::min(count, static_cast<unsigned>(gpus_max));
  for (unsigned index = 0; index < count; ++index) {
    nvml_handle device = nullptr;
    // CUDA counts the devices that it can open, so one that is closed to us has no number there.
    if (const auto status = nvml.handle(index, &device); status != nvml_success) {
      found.notes.push_back("GPU " + std::to_string(index) + " cannot be opened (NVML status " +
                            std::to_string(status) + ") and is left out");
      continue;
    }
    found.devices.push_back(
        {text_of(nvml.uuid, device), text_of(nvml.name, device), memory_of(nvml, device)});
  }
  return found;
}

}  // namespace

gpu_survey survey_gpus(const std::string& library) {
  const library_handle loaded{dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL)};
  if (!loaded) return {};
  const auto nvml = functions_of(loaded.get());
  if (!nvml) return {{}, {"no GPUs: " + library + " lacks a function of NVML"}};
  if (const auto status = nvml->init(); status != nvml_success)
    return {{}, {failed("start", status)}};
  auto found = devices_of(*nvml);
  nvml->shutdown();
  return found;
}

}  // namespace fabric
