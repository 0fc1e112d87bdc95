#include "bench/harness/machine.hpp"

#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "bench/harness/sample.hpp"

namespace fabric::bench {

using nlohmann::json;

namespace {

/// The text behind "KEY :" in a file of such lines.
std::string line_of(const std::string& path, const std::string& key) {
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(key, 0) != 0) continue;
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto from = line.find_first_not_of(" \t", colon + 1);
    return from == std::string::npos ? "" : line.substr(from);
  }
  return "";
}

/// Median microseconds of appending 4 KiB and fdatasync; negative where the folder takes no file.
double sync_us(const std::string& folder) {
  auto path = folder + "/fabric-bench-sync-XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) return -1;
  unlink(path.c_str());
  const std::array<char, 4096> page{};
  std::vector<double> taken;
  for (int i = 0; i < 30; ++i) {
    const auto start = timer::now();
    if (write(file, page.data(), page.size()) < 0 || fdatasync(file) != 0) break;
    taken.push_back(seconds_since(start) * 1e6);
  }
  close(file);
  return taken.empty() ? -1 : median(std::move(taken));
}

std::string filesystem_of(const std::string& folder) {
  struct statfs about {};
  if (statfs(folder.c_str(), &about) != 0) return "unknown";
  switch (static_cast<unsigned long>(about.f_type)) {
    case 0xEF53: return "ext";
    case 0x58465342: return "xfs";
    case 0x9123683E: return "btrfs";
    case 0x01021994: return "tmpfs";
    case 0x794C7630: return "overlay";
    default: return "other";
  }
}

}  // namespace

json describe_machine(const std::string& folder) {
  utsname system{};
  uname(&system);
  return {{"processor", line_of("/proc/cpuinfo", "model name")},
          {"cores", std::thread::hardware_concurrency()},
          {"memory", line_of("/proc/meminfo", "MemTotal")},
          {"kernel", std::string{system.sysname} + " " + system.release},
          {"folder", folder},
          {"filesystem", filesystem_of(folder)},
          {"fdatasync_us", sync_us(folder)}};
}

json load() {
  std::array<double, 3> averages{};
  if (getloadavg(averages.data(), 3) != 3) return nullptr;
  return averages;
}

double status_number(int pid, const std::string& field) {
  const auto text = line_of("/proc/" + std::to_string(pid) + "/status", field);
  return text.empty() ? 0 : std::strtod(text.c_str(), nullptr);
}

double megabytes_of(int pid, const std::string& field) {
  constexpr double mb_of_kib = 1024.0 / 1e6;
  return status_number(pid, field) * mb_of_kib;
}

double sleeps_of(const std::vector<int>& pids) {
  double sum = 0;
  for (const int pid : pids) {
    std::error_code gone;
    const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& thread : std::filesystem::directory_iterator{tasks, gone}) {
      const auto text = line_of(thread.path().string() + "/status", "voluntary_ctxt_switches");
      if (!text.empty()) sum += std::strtod(text.c_str(), nullptr);
    }
  }
  return sum;
}

}  // namespace fabric::bench
