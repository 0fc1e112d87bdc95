#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

#include "actors/api/invoke.hpp"
#include "actors/api/terms.hpp"
#include "fabric/actor.hpp"

namespace fabric::detail {

namespace {

struct key_hash {
  std::size_t operator()(const method_key& key) const {
    return key.object->hash_code() * 31 + key.type->hash_code() * 7 +
           std::hash<std::string_view>{}({key.bytes.data(), key.bytes.size()});
  }
};
struct key_equal {
  bool operator()(const method_key& a, const method_key& b) const {
    return *a.object == *b.object && *a.type == *b.type && a.bytes == b.bytes;
  }
};

/// Filled before main, as that of functions: methods are functions under "class::method" there.
struct registry {
  std::mutex mutex;
  std::map<std::string, class_entry, std::less<>> by_name;
  std::unordered_map<std::size_t, const class_entry*> by_type;  // by the type's hash
  std::unordered_map<method_key, const function_entry*, key_hash, key_equal> methods;
  std::string conflict;
};

registry& classes() {
  static auto* all = new registry;
  return *all;
}

}  // namespace

void register_class(const class_entry& entry, const std::vector<named_method>& methods) {
  auto& all = classes();
  const std::lock_guard lock(all.mutex);
  const auto [at, is_new] = all.by_name.try_emplace(std::string(entry.name), entry);
  if (!is_new && *at->second.type != *entry.type) {
    if (all.conflict.empty())
      all.conflict = "two classes of actors are registered as " + at->first +
                     "; give one of them another name with FABRIC_ACTOR_AS";
    return;
  }
  at->second.name = at->first;
  all.by_type.try_emplace(entry.type->hash_code(), &at->second);
  for (const auto& one : methods) {
    auto method = one.entry;
    const auto name = at->first + "::" + std::string(one.name);
    method.name = name;
    register_function(method);
    all.methods.try_emplace(one.key, find_function(name));
  }
}

const class_entry* find_class(std::string_view name) {
  auto& all = classes();
  const std::lock_guard lock(all.mutex);
  const auto at = all.by_name.find(name);
  return at == all.by_name.end() ? nullptr : &at->second;
}

const class_entry* find_class(const std::type_info& type) {
  auto& all = classes();
  const std::lock_guard lock(all.mutex);
  const auto at = all.by_type.find(type.hash_code());
  return at == all.by_type.end() || *at->second->type != type ? nullptr : at->second;
}

const function_entry* find_method(const method_key& key) {
  auto& all = classes();
  const std::lock_guard lock(all.mutex);
  const auto at = all.methods.find(key);
  return at == all.methods.end() ? nullptr : at->second;
}

std::string class_conflict() {
  auto& all = classes();
  const std::lock_guard lock(all.mutex);
  return all.conflict;
}

void throw_unregistered_class(const std::type_info& type) {
  throw_failure({.kind = error_kind::unknown_function,
                 .what = "the class " + demangled_name(type.name()) +
                         " is not registered; write FABRIC_ACTOR(its name, (parameters of its "
                         "constructor), methods) beside it"});
}

void throw_unregistered_method(const std::type_info& type) {
  throw_failure({.kind = error_kind::unknown_function,
                 .what = "this method of " + demangled_name(type.name()) +
                         " is not registered; add it to the list of the class's FABRIC_ACTOR"});
}

void throw_no_object() { throw_usage("a method of an actor is called as a function"); }

}  // namespace fabric::detail
