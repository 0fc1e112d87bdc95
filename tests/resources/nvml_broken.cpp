// Stands in for NVIDIA's library on a machine whose driver is not loaded.
extern "C" {

struct device;
struct memory_info;

int nvmlInit_v2() { return 9; }
int nvmlShutdown() { return 1; }
int nvmlDeviceGetCount_v2(unsigned*) { return 1; }
int nvmlDeviceGetHandleByIndex_v2(unsigned, device**) { return 1; }
int nvmlDeviceGetName(device*, char*, unsigned) { return 1; }
int nvmlDeviceGetUUID(device*, char*, unsigned) { return 1; }
int nvmlDeviceGetMemoryInfo(device*, memory_info*) { return 1; }
}
