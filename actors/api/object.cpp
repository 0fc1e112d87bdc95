#include "fabric/object.hpp"

#include "actors/api/object_house.hpp"
#include "actors/api/terms.hpp"

namespace fabric {

object_usage objects_in_use() {
  auto& house = detail::object_house::here();
  if (!house.is_entered()) detail::throw_usage("objects_in_use is called without a session");
  const auto used = house.store()->store->usage();
  if (!used) throw_failure(detail::failure_of_store(used.error()));
  return {.objects = used->objects,
          .memory = used->memory_bytes,
          .memory_max = used->memory_max,
          .disk = used->disk_bytes,
          .disk_max = used->disk_max};
}

namespace detail {

namespace {

thread_local packing_for_others* packs_for_others = nullptr;
thread_local references_within* looks_within = nullptr;

object_body& body_of(const object_hold& what) {
  if (!what) throw_usage("an object is used that refers to none");
  return *what;
}

}  // namespace

packing_for_others::packing_for_others(std::uint64_t self, large_values large)
    : before_(std::exchange(packs_for_others, this)), self_(self), large_(large) {}

packing_for_others::~packing_for_others() { packs_for_others = before_; }

std::size_t packing_for_others::large_from() {
  const bool stay = packs_for_others == nullptr || packs_for_others->large_ == large_values::stay;
  return stay ? SIZE_MAX : large_bytes;
}

bool packing_for_others::gives_up() {
  return packs_for_others != nullptr && packs_for_others->large_ == large_values::give_up;
}

const object_id& id_of(const object_hold& what) { return body_of(what).id; }

std::uint64_t size_of(const object_hold& what) { return body_of(what).size; }

object_hold put_object(std::span<const std::byte> bytes, object_layout how) {
  auto& house = object_house::here();
  if (!house.is_entered())
    throw_usage("an object is put without a session: init comes first, and sessions end objects");
  return house.put(bytes, how);
}

void note_object(data_site& where, const object_hold& what) {
  const auto at = body_of(what).where();
  if (at.size >= large_bytes && at.size > where.bytes) where = {at.store, at.size};
}

references_within::references_within() : before_(std::exchange(looks_within, this)) {}

references_within::~references_within() { looks_within = before_; }

object_hold put_packed(const std::string& bytes, std::vector<object_hold> within) {
  auto made = put_object(std::as_bytes(std::span{bytes}), {});
  for (auto& each : within) made->keep(std::move(each));
  return made;
}

object_bytes map_object(const object_hold& what, std::chrono::nanoseconds at_most) {
  return body_of(what).map(at_most);
}

void pack_object(writer& to, const object_hold& what, object_use use) {
  auto where = body_of(what).where();
  if (auto* const others = packs_for_others; others != nullptr) {
    if (where.source == 0) where.source = others->self_;
    others->carried_.push_back({what, use});
  }
  if (looks_within != nullptr) {
    looks_within->found_.push_back(what);
    if (const auto link = object_house::here().usual_way().link.lock(); link && where.source == 0)
      where.source = link->self();
  }
  to.extension(object_extension, packed_address(where));
}

object_hold unpack_object(reader& from, object_layout expected) {
  const auto bytes = from.extension(object_extension);
  if (!from.ok()) return nullptr;
  const auto where = unpacked_address(bytes);
  if (!where)
    from.fail("a reference to an object is damaged");
  else if (where->layout != expected)
    from.fail("a reference is to an object of another type");
  if (!from.ok()) return nullptr;
  auto came = object_house::here().take_up(*where, unpacking_from::now());
  unpacking_from::note(came);
  return came;
}

void throw_overflown_object() {
  throw_usage("a value whose packed form has a part of more than 4 GiB is put");
}

void throw_unreadable_object(const fault& why) {
  throw_failure({.kind = error_kind::object_lost,
                 .what = "the object is no value of its type: " + why.detail});
}

}  // namespace detail
}  // namespace fabric
