#include "resources/visible_gpus.hpp"

#include <algorithm>
#include <charconv>

#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::int64_t gibibyte = std::int64_t{1} << 30;

/// What one entry of CUDA_VISIBLE_DEVICES names. `device` is empty for a MIG instance, which is a
/// part of a device that the driver does not list.
struct named_gpu {
  std::string id;
  std::optional<std::size_t> device;
};

std::optional<std::size_t> index_in(const std::vector<gpu_device>& devices,
                                    std::string_view entry) {
  std::size_t index = 0;
  const auto end = entry.data() + entry.size();
  const auto [stopped, error] = std::from_chars(entry.data(), end, index);
  const bool is_number = !entry.empty() && error == std::errc{} && stopped == end;
  return is_number && index < devices.size() ? std::optional{index} : std::nullopt;
}

/// The only device whose UUID begins with `entry`.
std::optional<std::size_t> uuid_in(const std::vector<gpu_device>& devices, std::string_view entry) {
  if (!entry.starts_with("GPU-")) return std::nullopt;
  std::optional<std::size_t> found;
  for (std::size_t at = 0; at < devices.size(); ++at) {
    if (!devices[at].uuid.starts_with(entry)) continue;
    if (found) return std::nullopt;
    found = at;
  }
  return found;
}

std::optional<named_gpu> named_by(std::string_view entry, const std::vector<gpu_device>& devices) {
  if (!is_gpu_id(entry)) return std::nullopt;
  // MIG instances exist on real devices alone.
  if (entry.starts_with("MIG-") && !devices.empty())
    return named_gpu{std::string(entry), std::nullopt};
  auto device = index_in(devices, entry);
  if (!device) device = uuid_in(devices, entry);
  return device ? std::optional{named_gpu{std::string(entry), device}} : std::nullopt;
}

bool is_same(const named_gpu& a, const named_gpu& b) {
  return a.id == b.id || (a.device && a.device == b.device);
}

std::vector<named_gpu> listed(const std::string& list, const std::vector<gpu_device>& devices,
                              std::vector<std::string>& notes) {
  std::vector<named_gpu> gpus;
  const auto text = trimmed(list);
  if (text.empty() || text == "-1") return gpus;
  for (const auto piece : pieces_of(text, ',')) {
    const auto entry = trimmed(piece);
    auto gpu = named_by(entry, devices);
    const bool repeats =
        gpu && std::ranges::any_of(gpus, [&](const auto& seen) { return is_same(seen, *gpu); });
    if (gpu && !repeats && gpus.size() < gpus_max) {
      gpus.push_back(*std::move(gpu));
      continue;
    }
    notes.push_back("CUDA_VISIBLE_DEVICES is read up to " + quoted(entry) +
                    (repeats ? ", which is listed before" : ", which names no GPU here"));
    break;
  }
  return gpus;
}

std::vector<named_gpu> all_of(const std::vector<gpu_device>& devices) {
  std::vector<named_gpu> gpus;
  for (std::size_t at = 0; at < devices.size() && at < gpus_max; ++at)
    gpus.push_back({std::to_string(at), at});
  return gpus;
}

/// Sets the label where all values agree and say something; a node has one value for a label.
void agree(visible_gpus& out, std::string_view key, std::vector<std::string> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (values.size() > 1)
    out.notes.push_back("GPUs differ (" + values.front() + ", " + values.back() + "): label " +
                        std::string(key) + " is left out");
  else if (values.size() == 1 && !values.front().empty())
    out.labels.emplace(key, values.front());
}

std::string gibibytes(std::int64_t bytes) {
  return bytes > 0 ? std::to_string((bytes + gibibyte / 2) / gibibyte) : "";
}

}  // namespace

visible_gpus choose_gpus(const std::vector<gpu_device>& devices,
                         const std::optional<std::string>& cuda_visible_devices) {
  visible_gpus out;
  const auto gpus =
      cuda_visible_devices ? listed(*cuda_visible_devices, devices, out.notes) : all_of(devices);
  std::vector<std::string> models;
  std::vector<std::string> sizes;
  for (const auto& gpu : gpus) {
    out.ids.push_back(gpu.id);
    models.push_back(gpu.device ? label_of_model(devices[*gpu.device].model) : "");
    sizes.push_back(gpu.device ? gibibytes(devices[*gpu.device].memory_bytes) : "");
  }
  agree(out, "gpu_model", std::move(models));
  agree(out, "gpu_memory_gib", std::move(sizes));
  return out;
}

std::string label_of_model(std::string_view model) {
  constexpr std::size_t label_chars_max = 128;
  std::string label;
  for (const char c : model) {
    const bool plain = is_lower(c) || is_upper(c) || is_digit(c) || c == '.' || c == '_';
    if (plain)
      label += lower(c);
    else if (!label.empty() && label.back() != '-')
      label += '-';
  }
  if (label.starts_with("nvidia-")) label.erase(0, 7);
  label = label.substr(0, label_chars_max);
  while (label.ends_with('-')) label.pop_back();
  return label;
}

std::optional<std::string> gpu_environment(const std::vector<gpu_share>& held) {
  if (held.empty()) return std::nullopt;
  std::string list;
  for (const auto& part : held) list += (list.empty() ? "" : ",") + part.id;
  return list;
}

}  // namespace fabric
