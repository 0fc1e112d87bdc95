#include "fabric/demand.hpp"

#include <algorithm>
#include <set>

#include "resources/text.hpp"

namespace fabric {

namespace {

constexpr std::size_t gpu_id_chars_max = 96;

bool is_gpu_id_char(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '_' || c == '.' ||
         c == '/' || c == ':';
}

/// What is wrong with the amounts, or the empty string.
std::string flaw_of(const resource_set& amounts) {
  if (amounts.size() > resource_names_max)
    return "there are " + std::to_string(amounts.size()) + " resources, more than " +
           std::to_string(resource_names_max);
  for (const auto& [name, amount] : amounts) {
    if (!is_resource_name(name)) return "resource name " + quoted(name) + " is not valid";
    if (amount.value < 0 || amount > amount_max)
      return "resource " + name + " cannot be " + to_string(amount);
  }
  return {};
}

std::string flaw_of(const std::vector<label_condition>& where) {
  if (where.size() > labels_max)
    return "there are " + std::to_string(where.size()) + " label conditions, more than " +
           std::to_string(labels_max);
  for (const auto& condition : where)
    if (!is_label_key(condition.key) || !is_label_value(condition.value))
      return "label condition " + quoted(to_string(condition)) + " is not valid";
  if (std::ranges::adjacent_find(where, std::greater_equal{}) != where.end())
    return "label conditions are not in order or repeat";
  return {};
}

std::string flaw_of(const std::vector<std::string>& gpu_ids, milli amount) {
  if (gpu_ids.size() > gpus_max)
    return "there are " + std::to_string(gpu_ids.size()) + " GPUs, more than " +
           std::to_string(gpus_max);
  if (amount != units(static_cast<std::int64_t>(gpu_ids.size())))
    return "there are " + std::to_string(gpu_ids.size()) + " GPU ids for " + to_string(amount) +
           " GPUs";
  std::set<std::string_view> seen;
  for (const auto& id : gpu_ids) {
    if (!is_gpu_id(id)) return "GPU id " + quoted(id) + " is not valid";
    if (!seen.insert(id).second) return "GPU id " + quoted(id) + " is there twice";
  }
  return {};
}

std::string flaw_of(const label_map& labels) {
  if (labels.size() > labels_max)
    return "there are " + std::to_string(labels.size()) + " labels, more than " +
           std::to_string(labels_max);
  for (const auto& [key, value] : labels)
    if (!is_label_key(key) || !is_label_value(value))
      return "label " + quoted(key + "=" + value) + " is not valid";
  return {};
}

}  // namespace

std::string to_string(const demand& needs) {
  std::string text = to_string(needs.amounts);
  for (const auto& condition : needs.where)
    text += (text.empty() ? "" : ", ") + to_string(condition);
  return text;
}

result<void> check_demand(const demand& needs) {
  if (auto flaw = flaw_of(needs.amounts); !flaw.empty())
    return fault{fault_code::usage, std::move(flaw), "correct the request"};
  if (auto flaw = flaw_of(needs.where); !flaw.empty())
    return fault{fault_code::usage, std::move(flaw), "correct the labels of the request"};
  const auto gpus = needs.amounts[gpu];
  if (gpus > units(1) && gpus.value % 1000 != 0)
    return fault{fault_code::usage, "gpu cannot be " + to_string(gpus),
                 "ask for whole GPUs or, below 1, for a share of one"};
  return {};
}

bool is_gpu_id(std::string_view id) {
  return !id.empty() && id.size() <= gpu_id_chars_max && std::ranges::all_of(id, is_gpu_id_char);
}

result<void> check_capacity(const capacity& has) {
  for (auto flaw :
       {flaw_of(has.amounts), flaw_of(has.gpu_ids, has.amounts[gpu]), flaw_of(has.labels)})
    if (!flaw.empty()) return fault{fault_code::bad_message, "capacity: " + flaw, ""};
  return {};
}

}  // namespace fabric
