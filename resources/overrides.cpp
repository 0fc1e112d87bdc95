#include "resources/overrides.hpp"

#include <string>
#include <utility>

namespace fabric {

namespace {

fault setting_fault(std::string detail, std::string hint) {
  return {fault_code::config, std::move(detail), std::move(hint)};
}

/// The first n real GPUs; where there are fewer, n logical ones, which only count.
void set_gpus(capacity& has, std::uint32_t count) {
  if (count <= has.gpu_ids.size()) {
    has.gpu_ids.resize(count);
  } else {
    has.gpu_ids.clear();
    for (std::uint32_t n = 0; n < count; ++n) has.gpu_ids.push_back(std::to_string(n));
  }
  has.amounts.set(gpu, units(count));
  if (count > 0) return;
  has.labels.erase("gpu_model");
  has.labels.erase("gpu_memory_gib");
}

}  // namespace

result<capacity> apply_overrides(capacity detected, const overrides& said) {
  if (said.num_gpus.value_or(0) > gpus_max)
    return setting_fault("a node cannot have " + std::to_string(*said.num_gpus) + " GPUs",
                         "give at most " + std::to_string(gpus_max));
  if (said.num_cpus) detected.amounts.set(cpu, *said.num_cpus);
  if (said.num_gpus) set_gpus(detected, *said.num_gpus);
  if (said.memory) detected.amounts.set(memory, *said.memory);
  for (const auto& [name, amount] : said.resources) {
    if (name == cpu || name == gpu || name == memory)
      return setting_fault("resource " + name + " has a setting of its own", "use that one");
    detected.amounts.set(name, amount);
  }
  for (const auto& [key, value] : said.labels) detected.labels.insert_or_assign(key, value);
  if (auto checked = check_capacity(detected); !checked)
    return setting_fault(checked.error().detail, "correct the node's settings");
  return detected;
}

}  // namespace fabric
