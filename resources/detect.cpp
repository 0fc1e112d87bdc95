#include "resources/detect.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

#include "resources/cgroup.hpp"
#include "resources/check.hpp"
#include "resources/detect_gpus.hpp"
#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::size_t kernel_text_bytes_max = 4 << 20;  // mountinfo of a busy host has megabytes
constexpr int cpus_max = 1 << 16;

/// A text of the kernel, or nothing where it cannot be read. A longer one is cut.
std::optional<std::string> text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text;
  std::array<char, 4096> block;
  while (text.size() < kernel_text_bytes_max &&
         (in.read(block.data(), block.size()), in.gcount() > 0))
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
  return text;
}

/// `path` is absolute; "/proc/x" is root/proc/x.
std::filesystem::path below(const std::filesystem::path& root, std::string_view path) {
  return root / path.substr(std::min(path.find_first_not_of('/'), path.size()));
}

std::int64_t cpus_of_affinity() {
  // The kernel refuses a mask that is smaller than its own, whose size it does not tell.
  for (int cpus = CPU_SETSIZE; cpus <= cpus_max; cpus *= 2) {
    const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set{
        CPU_ALLOC(static_cast<std::size_t>(cpus)), [](cpu_set_t* s) { CPU_FREE(s); }};
    const auto bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
    if (set && sched_getaffinity(0, bytes, set.get()) == 0) return CPU_COUNT_S(bytes, set.get());
  }
  return 0;
}

/// The lowest limits of all groups that this process is in.
class group_limits {
 public:
  group_limits(const std::filesystem::path& root, std::vector<std::string>& notes)
      : root_(root), notes_(notes) {
    const auto paths = parse_cgroup_paths(kernel_text("/proc/self/cgroup"));
    for (const auto& mount : parse_cgroup_mounts(kernel_text("/proc/self/mountinfo")))
      for (const auto& controller : mount.controllers)
        if (const auto at = paths.find(controller); at != paths.end())
          for (const auto& folder : cgroup_folders(mount, at->second)) read(controller, folder);
  }

  std::optional<milli> cpus;
  std::optional<milli> bytes;

 private:
  std::string kernel_text(std::string_view path) {
    return text_of(below(root_, path)).value_or("");
  }

  void read(const std::string& controller, const std::string& folder) {
    const auto text = [&](const char* file) { return text_of(below(root_, folder) / file); };
    if (controller.empty()) {
      if (const auto max = text("cpu.max")) lower_to(cpus, parse_cpu_max(*max));
      if (const auto max = text("memory.max")) lower_to(bytes, parse_memory_limit(*max));
    } else if (controller == "cpu") {
      const auto quota = text("cpu.cfs_quota_us");
      const auto period = text("cpu.cfs_period_us");
      if (quota && period) lower_to(cpus, parse_cfs_quota(*quota, *period));
    } else if (controller == "memory") {
      if (const auto max = text("memory.limit_in_bytes")) lower_to(bytes, parse_memory_limit(*max));
    }
  }

  void lower_to(std::optional<milli>& lowest, const cgroup_limit& limit) {
    if (!limit)
      notes_.push_back("a control group is ignored: " + limit.error().detail);
    else if (*limit)
      lowest = lowest ? std::min(*lowest, **limit) : **limit;
  }

  const std::filesystem::path& root_;
  std::vector<std::string>& notes_;
};

milli cpus_of(const machine& from, const group_limits& limits, std::vector<std::string>& notes) {
  if (from.usable_cpus <= 0) notes.push_back("the number of CPUs is unknown; 1 is assumed");
  const auto usable = units(std::clamp<std::int64_t>(from.usable_cpus, 1, cpus_max));
  if (!limits.cpus || *limits.cpus >= usable) return usable;
  // A node with less than one CPU could not run a task that asks for nothing special.
  const auto granted = std::max(*limits.cpus, units(1));
  notes.push_back("the control group allows " + to_string(*limits.cpus) + " of " +
                  to_string(usable) + " CPUs; " + to_string(granted) + " offered");
  return granted;
}

milli memory_of(const machine& from, const group_limits& limits, std::vector<std::string>& notes) {
  const auto meminfo = text_of(from.root / "proc/meminfo").value_or("");
  const auto total = parse_mem_total(meminfo);
  if (!total) {
    notes.push_back("the size of the memory is unknown: " + total.error().detail);
    return limits.bytes.value_or(milli{});
  }
  if (!limits.bytes || *limits.bytes >= *total) return *total;
  notes.push_back("the control group allows " + bytes_to_string(*limits.bytes) + " of " +
                  bytes_to_string(*total) + " memory");
  return *limits.bytes;
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(to));
}

}  // namespace

machine this_machine() {
  machine here;
  here.usable_cpus = cpus_of_affinity();
  if (const char* listed = std::getenv("CUDA_VISIBLE_DEVICES")) here.cuda_visible_devices = listed;
  return here;
}

detected detect(const machine& from) {
  detected out;
  const group_limits limits{from.root, out.notes};
  out.has.amounts.set(cpu, cpus_of(from, limits, out.notes));
  out.has.amounts.set(memory, memory_of(from, limits, out.notes));

  auto survey = survey_gpus(from.nvml_library);
  auto visible = choose_gpus(survey.devices, from.cuda_visible_devices);
  out.has.amounts.set(gpu, units(static_cast<std::int64_t>(visible.ids.size())));
  out.has.gpu_ids = std::move(visible.ids);
  out.has.labels = std::move(visible.labels);
  append(out.notes, std::move(survey.notes));
  append(out.notes, std::move(visible.notes));
  return out;
}

std::string host_name() {
  std::array<char, 256> name{};  // HOST_NAME_MAX is 64; the last byte stays zero
  FABRIC_CHECK(gethostname(name.data(), name.size() - 1) == 0);
  return name.data();
}

result<std::string> boot_id(const std::filesystem::path& root) {
  constexpr std::size_t uuid_chars = 36;
  const auto file = root / "proc/sys/kernel/random/boot_id";
  const auto text = text_of(file);
  const auto id = trimmed(text ? std::string_view{*text} : std::string_view{});
  if (id.size() != uuid_chars)
    return fault{fault_code::config, file.string() + " has no boot id",
                 "mount proc where the daemon runs"};
  return std::string(id);
}

}  // namespace fabric
