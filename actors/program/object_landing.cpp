#include "actors/program/object_landing.hpp"

#include <span>

#include "actors/api/object_house.hpp"

namespace fabric::actors {

std::variant<object_landing::ready, object_landing::here, failure> object_landing::begin(
    const object_id& what, std::uint64_t size) {
  try {
    auto store = detail::object_house::here().store();
    if (auto there = store->store->hold(what))
      return here{std::move(store), std::make_shared<objects::handle>(std::move(*there))};
    auto named = store->store->create(what, size);
    auto made = !named && named.error().code == fault_code::key_conflict
                    ? store->store->create(objects::random_object_id(), size)
                    : std::move(named);
    if (!made) return detail::failure_of_store(made.error());
    into_.emplace(std::move(*made));
    return ready{};
  } catch (const error& e) {
    return e.why();
  }
}

result<void> object_landing::write(std::uint64_t offset, std::string_view part) {
  return into_->write_at(offset, std::as_bytes(std::span{part}));
}

result<objects::handle> object_landing::seal() { return std::move(*into_).seal(); }

}  // namespace fabric::actors
