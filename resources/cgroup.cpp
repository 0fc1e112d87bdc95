#include "resources/cgroup.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "resources/text.hpp"

namespace fabric {

namespace {

/// mountinfo(5): ten fields at least, of which some may repeat before the separator "-".
constexpr std::size_t mount_root_field = 3;
constexpr std::size_t mount_point_field = 4;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

fault malformed(std::string_view what, std::string_view text) {
  return {fault_code::bad_message, std::string(what) + " has unexpected content " + quoted(text),
          ""};
}

/// Far above what the kernel takes (2^44), and small enough to count in thousandths.
constexpr std::int64_t cfs_us_max = 1'000'000'000'000'000;

bool is_cfs_time(std::optional<std::int64_t> us) { return us && *us > 0 && *us <= cfs_us_max; }

/// Thousandths of a CPU, rounded down.
milli share_of_cpus(std::int64_t quota_us, std::int64_t period_us) {
  return units(quota_us / period_us) + milli{quota_us % period_us * 1000 / period_us};
}

/// mountinfo writes space, tab, newline and backslash as three octal digits.
std::string unescaped(std::string_view text) {
  std::string out;
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto digits = text.substr(at + 1, 3);
    const bool escape =
        text[at] == '\\' && digits.size() == 3 && std::ranges::all_of(digits, is_octal);
    if (!escape) {
      out += text[at];
      continue;
    }
    out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
    at += 3;
  }
  return out;
}

std::vector<std::string> owned(const std::vector<std::string_view>& pieces) {
  return {pieces.begin(), pieces.end()};
}

bool climbs(std::string_view path) {
  return std::ranges::any_of(pieces_of(path, '/'), [](auto piece) { return piece == ".."; });
}

std::optional<cgroup_mount> parse_mount(std::string_view line) {
  const auto fields = pieces_of(line, ' ');
  const auto separator = std::ranges::find(fields, "-");
  // After it: type, source, options of the file system.
  if (separator - fields.begin() <= static_cast<std::ptrdiff_t>(mount_point_field) ||
      fields.end() - separator < 4)
    return std::nullopt;
  const auto type = separator[1];
  cgroup_mount mount{unescaped(fields[mount_root_field]), unescaped(fields[mount_point_field]), {}};
  if (type == "cgroup2")
    mount.controllers = {""};
  else if (type == "cgroup")
    mount.controllers = owned(pieces_of(separator[3], ','));
  else
    return std::nullopt;
  if (climbs(mount.point)) return std::nullopt;  // the kernel writes none such
  return mount;
}

/// `path` as seen from `root`, or nothing where it is not below it.
std::optional<std::string_view> path_below(std::string_view root, std::string_view path) {
  if (root == "/") return path;
  if (!path.starts_with(root)) return std::nullopt;
  const auto rest = path.substr(root.size());
  return rest.empty() || rest.front() == '/' ? std::optional{rest} : std::nullopt;
}

}  // namespace

cgroup_limit parse_cpu_max(std::string_view text) {
  const auto fields = pieces_of(trimmed(text), ' ');
  if (fields.size() != 2) return malformed("cpu.max", text);
  if (fields[0] == "max") return std::optional<milli>{};
  const auto quota = whole_number(fields[0]);
  const auto period = whole_number(fields[1]);
  if (!is_cfs_time(quota) || !is_cfs_time(period)) return malformed("cpu.max", text);
  return std::optional{share_of_cpus(*quota, *period)};
}

cgroup_limit parse_cfs_quota(std::string_view quota, std::string_view period) {
  const auto quota_us = whole_number(trimmed(quota));
  if (quota_us == -1) return std::optional<milli>{};
  const auto period_us = whole_number(trimmed(period));
  if (!is_cfs_time(quota_us)) return malformed("cpu.cfs_quota_us", quota);
  if (!is_cfs_time(period_us)) return malformed("cpu.cfs_period_us", period);
  return std::optional{share_of_cpus(*quota_us, *period_us)};
}

cgroup_limit parse_memory_limit(std::string_view text) {
  const auto word = trimmed(text);
  if (word == "max" || word == "-1") return std::optional<milli>{};
  const auto bytes = whole_number(word);
  if (!bytes || *bytes < 0) return malformed("memory limit", text);
  if (*bytes > amount_max.value / 1000) return std::optional<milli>{};
  return std::optional{units(*bytes)};
}

result<milli> parse_mem_total(std::string_view meminfo) {
  constexpr std::string_view name = "MemTotal:";
  for (const auto line : pieces_of(meminfo, '\n')) {
    if (!line.starts_with(name)) continue;
    auto value = trimmed(line.substr(name.size()));
    if (!value.ends_with(" kB")) return malformed("MemTotal", line);
    value.remove_suffix(3);
    const auto kibibytes = whole_number(trimmed(value));
    if (!kibibytes || *kibibytes <= 0 || *kibibytes > amount_max.value / 1000 / 1024)
      return malformed("MemTotal", line);
    return units(*kibibytes * 1024);
  }
  return fault{fault_code::bad_message, "meminfo has no MemTotal", ""};
}

cgroup_paths parse_cgroup_paths(std::string_view text) {
  cgroup_paths paths;
  for (const auto line : pieces_of(text, '\n')) {
    const auto first = line.find(':');
    const auto second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const auto path = line.substr(second + 1);
    if (!path.starts_with('/')) continue;
    for (const auto controller : pieces_of(line.substr(first + 1, second - first - 1), ','))
      paths.emplace(controller, path);
  }
  return paths;
}

std::vector<cgroup_mount> parse_cgroup_mounts(std::string_view mountinfo) {
  std::vector<cgroup_mount> mounts;
  for (const auto line : pieces_of(mountinfo, '\n'))
    if (auto mount = parse_mount(line)) mounts.push_back(*std::move(mount));
  return mounts;
}

std::vector<std::string> cgroup_folders(const cgroup_mount& mount, std::string_view path) {
  const auto below = path_below(mount.root, path);
  if (!below || climbs(*below)) return {mount.point};
  std::vector<std::string> folders;
  auto rest = *below;
  while (!rest.empty() && rest != "/") {
    folders.push_back(mount.point + std::string(rest));
    rest = rest.substr(0, rest.rfind('/'));
  }
  folders.push_back(mount.point);
  return folders;
}

}  // namespace fabric
