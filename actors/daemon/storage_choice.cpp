#include "actors/daemon/storage_choice.hpp"

#include "actors/daemon/state_dir.hpp"

namespace fabric::daemon {

result<std::string> storage_or_default(const std::string& named) {
  if (!named.empty()) return named;
  auto home = state_home();
  if (!home) return home;
  return "sqlite:///" + *home + "/studies.db";
}

result<store::study_store> open_storage(const std::string& named, store::study_store::mode how) {
  const auto storage = storage_or_default(named);
  if (!storage) return storage.error();
  return store::study_store::open(*storage, how);
}

}  // namespace fabric::daemon
