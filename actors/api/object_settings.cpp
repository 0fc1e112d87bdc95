#include "actors/api/object_settings.hpp"

namespace fabric::detail {

result<objects::store_options> store_options_of(const object_options& how,
                                                objects::store_settings given) {
  if (how.memory < -1 || how.disk_bytes < -1)
    return fault{fault_code::usage, "a limit of the session's objects is negative",
                 "give bytes, or -1 for the default"};
  if (!how.name.empty()) given.name = how.name;
  if (!how.disk.empty()) given.disk = how.disk;
  if (how.memory != -1) given.memory = static_cast<std::uint64_t>(how.memory);
  if (how.disk_bytes != -1) given.disk_bytes = static_cast<std::uint64_t>(how.disk_bytes);
  return objects::options_of(given);
}

}  // namespace fabric::detail
