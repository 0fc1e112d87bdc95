#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include "fabric/demand.hpp"
#include "fabric/fault.hpp"
#include "transport/describe.hpp"

/// Walking the fields of a struct, for the reader and the writer alike. Private to the codec.
namespace fabric::transport::codec {

/// The vocabulary of resources/ knows nothing of the wire; its numbers are given here.
template <class T>
inline constexpr bool is_foreign =
    std::is_same_v<T, demand> || std::is_same_v<T, capacity> || std::is_same_v<T, fault>;

template <class T>
concept described = is_foreign<T> || requires(T& m) {
  T::describe(m, [](auto&&...) {});
};

/// Calls `field(number, member)` or `field(number, member, text)` for each field, numbers
/// ascending.
template <class T>
void each_field(T& m, auto&& field) {
  using plain = std::remove_const_t<T>;
  if constexpr (std::is_same_v<plain, demand>) {
    field(1, m.amounts);
    field(2, m.where);
  } else if constexpr (std::is_same_v<plain, capacity>) {
    field(1, m.amounts);
    field(2, m.gpu_ids, text);
    field(3, m.labels);
  } else if constexpr (std::is_same_v<plain, fault>) {
    field(1, m.code);
    field(2, m.detail);
    field(3, m.hint);
  } else {
    plain::describe(m, field);
  }
}

inline constexpr std::size_t fields_max = 64;  // one bit each in the writer's mask

/// Where the fields of a default `T` lie, in the order of description: what an absent field means.
template <class T>
const std::array<const void*, fields_max>& default_fields() {
  static const T origin{};
  static const auto where = [] {
    std::array<const void*, fields_max> list{};
    std::size_t n = 0;
    each_field(origin, [&](int, const auto& f, auto...) { list.at(n++) = &f; });
    return list;
  }();
  return where;
}

}  // namespace fabric::transport::codec
