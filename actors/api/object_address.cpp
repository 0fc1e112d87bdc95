#include "actors/api/object_address.hpp"

#include "actors/objects/host_store.hpp"
#include "fabric/reader.hpp"
#include "fabric/writer.hpp"

namespace fabric::detail {

namespace {

constexpr std::size_t address_fields = 9;

enum class shape : std::uint8_t { single, array, map };

/// By the first byte of a value (msgpack specification, "Formats").
shape shape_of(char first) {
  const auto b = static_cast<unsigned char>(first);
  if ((b & 0xf0) == 0x90 || b == 0xdc || b == 0xdd) return shape::array;
  if ((b & 0xf0) == 0x80 || b == 0xde || b == 0xdf) return shape::map;
  return shape::single;
}

/// All of this type in packed values, however deep.
std::vector<std::string_view> extensions_in(std::string_view packed, std::int8_t type) {
  std::vector<std::string_view> found;
  reader from{packed};
  const auto enter = [&](std::size_t (reader::*into)()) {
    (from.*into)();
    from.leave();  // what follows is read as if it stood alone
  };
  while (from.ok() && from.bytes_left() > 0) {
    if (from.has_extension(type)) {
      found.push_back(from.extension(type));
      continue;
    }
    switch (shape_of(packed[packed.size() - from.bytes_left()])) {
      case shape::single: from.skip(); break;
      case shape::array: enter(&reader::array); break;
      case shape::map: enter(&reader::map); break;
    }
  }
  return found;
}

}  // namespace

std::string packed_address(const object_address& where) {
  writer to;
  to.array(address_fields + (where.is_outer ? 1 : 0));
  for (const auto& id : {where.id, where.store, where.stored_as}) {
    to.natural(id.high);
    to.natural(id.low);
  }
  to.natural(where.size);
  to.natural(where.layout.element_bytes);
  to.natural(where.source);
  if (where.is_outer) to.natural(1);
  return to.take();
}

std::optional<object_address> unpacked_address(std::string_view bytes) {
  reader from{bytes};
  object_address where;
  auto left = from.array();
  if (left < address_fields) return std::nullopt;
  for (auto* id : {&where.id, &where.store, &where.stored_as}) {
    id->high = from.natural(UINT64_MAX);
    id->low = from.natural(UINT64_MAX);
  }
  where.size = from.natural(objects::object_bytes_max);
  where.layout.element_bytes = static_cast<std::uint32_t>(from.natural(UINT32_MAX));
  where.source = from.natural(UINT64_MAX);
  left -= address_fields;
  if (left > 0) where.is_outer = from.natural(UINT64_MAX) != 0;
  for (; left > 1 && from.ok(); --left) from.skip();
  from.leave();
  from.finish();
  const auto element = where.layout.element_bytes;
  const bool is_whole = element == 0 || where.size % element == 0;
  return from.ok() && is_whole ? std::optional{where} : std::nullopt;
}

std::vector<object_address> addresses_in(std::string_view packed) {
  std::vector<object_address> found;
  for (const auto& each : extensions_in(packed, object_extension))
    if (auto where = unpacked_address(each)) found.push_back(std::move(*where));
  return found;
}

}  // namespace fabric::detail
