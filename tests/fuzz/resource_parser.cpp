// Everything that reads a text about resources: what a person types, what a peer names, what the
// kernel writes. The first byte chooses the reader. What is accepted must satisfy the check of its
// type and be read back from its own spelling.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "fabric/demand.hpp"
#include "fabric/ids.hpp"
#include "resources/cgroup.hpp"
#include "resources/visible_gpus.hpp"

namespace {

using namespace std::string_view_literals;

void claim(bool holds) {
  if (!holds) std::abort();
}

bool is_amount(fabric::milli amount) { return amount.value >= 0 && amount <= fabric::amount_max; }

bool is_limit(const fabric::cgroup_limit& limit) { return !limit || !*limit || is_amount(**limit); }

void read_amount(std::string_view text) {
  const auto amount = fabric::parse_amount(text, "fuzzed");
  if (!amount) return;
  claim(is_amount(*amount));
  const auto again = fabric::parse_amount(to_string(*amount), "fuzzed");
  claim(again && *again == *amount);
}

void read_bytes(std::string_view text) {
  const auto bytes = fabric::parse_bytes(text, "fuzzed");
  if (!bytes) return;
  claim(is_amount(*bytes) && bytes->value % 1000 == 0);
  const auto shown = fabric::parse_bytes(fabric::bytes_to_string(*bytes), "fuzzed");
  claim(shown && *shown <= *bytes);
}

void read_resources(std::string_view text) {
  const auto set = fabric::parse_resources(text);
  if (!set) return;
  claim(fabric::check_demand({*set, {}}).has_value());
  std::string spelling;
  for (const auto& [name, amount] : *set)
    spelling += (spelling.empty() ? "" : ",") + name + "=" + to_string(amount);
  const auto again = fabric::parse_resources(spelling);
  claim(again && *again == *set);
}

void read_labels(std::string_view text) {
  const auto labels = fabric::parse_labels(text);
  if (!labels) return;
  claim(fabric::check_capacity({{}, {}, *labels}).has_value());
  const auto again = fabric::parse_labels(fabric::to_string(*labels));
  claim(again && *again == *labels);
}

void read_conditions(std::string_view text) {
  const auto conditions = fabric::parse_label_conditions(text);
  if (!conditions) return;
  claim(fabric::check_demand({{}, *conditions}).has_value());
  for (const auto& condition : *conditions) {
    const auto again = fabric::parse_label_conditions(to_string(condition));
    claim(again && again->size() == 1 && again->front() == condition);
  }
}

void read_ids(std::string_view text) {
  if (const auto node = fabric::parse_node_id(text)) claim(to_string(*node) == text);
  const auto named = fabric::parse_job_or_task(text);
  if (!named) return;
  claim((named->index ? to_string(fabric::task_id{named->job, *named->index})
                      : to_string(named->job)) == text);
}

void read_cgroup_limits(std::string_view text) {
  claim(is_limit(fabric::parse_cpu_max(text)));
  claim(is_limit(fabric::parse_memory_limit(text)));
  const auto line_end = text.find('\n');
  claim(is_limit(fabric::parse_cfs_quota(
      text.substr(0, line_end), line_end == text.npos ? ""sv : text.substr(line_end + 1))));
  const auto total = fabric::parse_mem_total(text);
  claim(!total || is_amount(*total));
}

void read_cgroup_places(std::string_view text) {
  const auto paths = fabric::parse_cgroup_paths(text);
  for (const auto& mount : fabric::parse_cgroup_mounts(text))
    for (const auto& [controller, path] : paths)
      for (const auto& folder : fabric::cgroup_folders(mount, path))
        claim(folder.starts_with(mount.point) && !(folder + "/").ends_with("/../"));
}

void read_visible_gpus(std::string_view text) {
  const auto gpus = fabric::choose_gpus(
      {{"GPU-aa11", "NVIDIA H200", 1LL << 37}, {"GPU-ab22", "A,b=c!", 0}}, std::string(text));
  const auto count = fabric::units(static_cast<std::int64_t>(gpus.ids.size()));
  claim(fabric::check_capacity({{{"gpu", count}}, gpus.ids, gpus.labels}).has_value());
  claim(fabric::is_label_value(fabric::label_of_model(text)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  constexpr void (*readers[])(std::string_view) = {
      read_amount, read_bytes,         read_resources,     read_labels,      read_conditions,
      read_ids,    read_cgroup_limits, read_cgroup_places, read_visible_gpus};
  readers[data[0] % std::size(readers)](text);
  return 0;
}
