#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

#include "actors/api/invoke.hpp"
#include "actors/api/terms.hpp"
#include "fabric/function.hpp"

namespace fabric::detail {

namespace {

/// Filled before main by objects of many files, so it is made at its first use and never destroyed.
struct registry {
  std::mutex mutex;
  std::map<std::string, function_entry, std::less<>> by_name;
  std::unordered_map<const void*, const function_entry*> by_key;
  std::string conflict;
};

registry& functions() {
  static auto* all = new registry;
  return *all;
}

}  // namespace

void register_function(const function_entry& entry) {
  auto& all = functions();
  const std::lock_guard lock(all.mutex);
  const auto [at, is_new] = all.by_name.try_emplace(std::string(entry.name), entry);
  if (!is_new) {
    if (at->second.key != entry.key && all.conflict.empty())
      all.conflict = "two functions are registered as " + at->first +
                     "; give one of them another name with FABRIC_FUNCTION_AS";
    return;
  }
  at->second.name = at->first;
  all.by_key.try_emplace(entry.key, &at->second);
}

const function_entry* find_function(const void* key) {
  auto& all = functions();
  const std::lock_guard lock(all.mutex);
  const auto at = all.by_key.find(key);
  return at == all.by_key.end() ? nullptr : at->second;
}

const function_entry* find_function(std::string_view name) {
  auto& all = functions();
  const std::lock_guard lock(all.mutex);
  const auto at = all.by_name.find(name);
  return at == all.by_name.end() ? nullptr : &at->second;
}

std::string registry_conflict() {
  auto& all = functions();
  const std::lock_guard lock(all.mutex);
  return all.conflict;
}

void throw_unregistered(const std::type_info& type) {
  throw_failure({.kind = error_kind::unknown_function,
                 .what = "a function of type " + demangled_name(type.name()) +
                         " is not registered; write FABRIC_FUNCTION(its name) beside it"});
}

}  // namespace fabric::detail
