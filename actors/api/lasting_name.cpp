#include "actors/api/lasting_name.hpp"

#include <functional>
#include <mutex>
#include <set>

namespace fabric::detail {

const std::string& lasting_name(std::string_view name) {
  static std::mutex mutex;
  static auto& names = *new std::set<std::string, std::less<>>;  // for as long as futures live
  const std::scoped_lock lock(mutex);
  const auto found = names.find(name);
  return found != names.end() ? *found : *names.emplace(name).first;
}

}  // namespace fabric::detail
