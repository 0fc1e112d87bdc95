#pragma once

#include <string_view>

#include <msgpack.hpp>

#include "fabric/pack.hpp"

/// Lets values travel that msgpack-cxx knows already (MSGPACK_DEFINE, adaptors):
///
///     FABRIC_PACK_BY_MSGPACK(geo::point);   // at global scope, after the type
///
/// Needs msgpack-cxx where the program is built; `<fabric/fabric.hpp>` does not include this.
namespace fabric::detail {

template <class T>
void pack_by_msgpack(writer& to, const T& value) {
  msgpack::sbuffer buffer;
  msgpack::pack(buffer, value);
  to.value({buffer.data(), buffer.size()});
}

template <class T>
T unpack_by_msgpack(reader& from) {
  const auto bytes = from.value();
  T value{};
  if (!from.ok()) return value;
  try {
    msgpack::unpack(bytes.data(), bytes.size()).get().convert(value);
  } catch (const std::exception&) {  // its only way to say so
    from.fail("it is no value of the type for msgpack");
  }
  return value;
}

}  // namespace fabric::detail

#define FABRIC_PACK_BY_MSGPACK(Type)                            \
  template <>                                                   \
  struct fabric::packing<Type> {                                \
    static void pack(::fabric::writer& to, const Type& value) { \
      ::fabric::detail::pack_by_msgpack(to, value);             \
    }                                                           \
    static Type unpack(::fabric::reader& from) {                \
      return ::fabric::detail::unpack_by_msgpack<Type>(from);   \
    }                                                           \
  }
