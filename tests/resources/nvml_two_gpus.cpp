// Stands in for NVIDIA's library: three GPUs, of which one is closed to this process.
#include <cstdio>
#include <cstring>

namespace {

struct device {
  const char* name;
  const char* uuid;
  unsigned long long memory;
};

device devices[] = {{"NVIDIA H200", "GPU-aa11", 150754820096ULL},
                    {"NVIDIA H200", "GPU-closed", 150754820096ULL},
                    {"NVIDIA H200", "GPU-cc33", 150754820096ULL}};

constexpr int success = 0;
constexpr int uninitialized = 1;
constexpr int no_permission = 4;
constexpr int insufficient_size = 7;

bool started = false;

int copy(const char* from, char* to, unsigned bytes) {
  if (std::strlen(from) >= bytes) return insufficient_size;
  std::snprintf(to, bytes, "%s", from);
  return success;
}

}  // namespace

extern "C" {

struct memory_info {
  unsigned long long total, free, used;
};

int nvmlInit_v2() {
  started = true;
  return success;
}

int nvmlShutdown() {
  started = false;
  return success;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 3;
  return started ? success : uninitialized;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, device** out) {
  if (index == 1) return no_permission;
  *out = &devices[index];
  return success;
}

int nvmlDeviceGetName(device* which, char* text, unsigned bytes) {
  return copy(which->name, text, bytes);
}

int nvmlDeviceGetUUID(device* which, char* text, unsigned bytes) {
  return copy(which->uuid, text, bytes);
}

int nvmlDeviceGetMemoryInfo(device* which, memory_info* out) {
  *out = {which->memory, which->memory, 0};
  return success;
}
}
