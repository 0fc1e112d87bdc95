#include "actors/objects/full_store.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string_view>

namespace fabric::objects {

namespace {

constexpr std::size_t holders_named_max = 3;

std::string program_of(std::int32_t pid) {
  std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  return std::getline(comm, name) ? " (" + name + ")" : "";
}

std::string name_of_holder(const holder_usage& one) {
  if (one.kind == party_kind::name) return "pin '" + one.name + "'";
  return "process " + std::to_string(one.pid) + program_of(one.pid);
}

std::string holders_text(const catalogue_usage& used) {
  std::string text;
  std::size_t named = 0;
  for (const auto& one : used.holders) {
    if (one.bytes == 0 || named++ == holders_named_max) break;
    text += text.empty() ? ", most of it held by " : ", ";
    text += name_of_holder(one) + " " + bytes_text(one.bytes) + " in " +
            std::to_string(one.objects) + (one.objects == 1 ? " object" : " objects");
  }
  return text;
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t power = 0;
  for (; power + 1 < units.size() && value >= 1024; ++power) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), power == 0 ? "%.0f " : "%.1f ", value);
  return std::string(text.data()) + std::string(units[power]);
}

fault full_store(std::uint64_t size, const catalogue_usage& used, const store_limits& limits,
                 const room& space) {
  const auto memory_max = std::min(
      limits.memory_max, used.memory_bytes + std::min(space.memory_free, limits.memory_max));
  const auto disk_max =
      std::min(limits.disk_max, used.disk_bytes + std::min(space.disk_free, limits.disk_max));
  return {fault_code::store_full,
          "the object store has no room for " + bytes_text(size) + ": of " +
              bytes_text(memory_max) + " memory " + bytes_text(used.memory_bytes) +
              " are held, of " + bytes_text(disk_max) + " disk " + bytes_text(used.disk_bytes) +
              holders_text(used),
          "release objects, or give the store more memory or disk"};
}

fault fault_of(refusal why, const object_id& id) {
  switch (why) {
    case refusal::exists:
      return {fault_code::key_conflict, "there is an object " + to_string(id) + " already",
              "take another id, or use the object that is there"};
    case refusal::no_entry:
      return {fault_code::busy, "the object store has as many objects as it can name",
              "release objects, or put fewer and larger ones"};
    case refusal::no_hold:
      return {fault_code::busy, "the object store has as many holds as it can note",
              "release objects, or pin fewer of them"};
    case refusal::no_party:
      return {fault_code::busy, "the object store has as many holders as it can note",
              "end processes that have it open, or pin under fewer names"};
    case refusal::full: break;
  }
  return {fault_code::store_full, "the object store is full", "release objects"};
}

}  // namespace fabric::objects
