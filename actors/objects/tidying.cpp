#include "actors/objects/tidying.hpp"

#include <unistd.h>

#include "actors/objects/folders.hpp"
#include "actors/objects/host_store.hpp"

namespace fabric::objects {

result<void> tidy_store(const store_options& how) {
  const auto name = store_name_of(how.instance);
  if (!name) return name.error();
  if (::access((how.memory_root + "/" + *name).c_str(), F_OK) != 0) return {};
  auto removed = remove_store(how, removal::if_unused);
  if (removed || removed.error().code != fault_code::busy) return removed;
  auto store = host_store::open(how);
  if (!store) return store.error();
  if (auto swept = store->sweep(); !swept) return swept.error();
  return {};
}

}  // namespace fabric::objects
