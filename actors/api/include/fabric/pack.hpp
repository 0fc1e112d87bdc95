#pragma once

#include <bit>
#include <cstring>
#include <limits>

#include "fabric/detail_fields.hpp"
#include "fabric/packing_shape.hpp"
#include "fabric/result.hpp"

/// Values as MessagePack bytes. These travel: bool, integers, float, double, enums, std::string,
/// vector, array, list, deque, map, set and their unordered kin, optional, variant, pair, tuple,
/// unique_ptr, chrono durations and calendar times, filesystem::path, monostate; structs with
/// FABRIC_PACK; types with fabric::packing<T>; anything made of these. Pointers, references,
/// long double and steady times do not: they mean nothing in another process.
namespace fabric {

static_assert(std::endian::native == std::endian::little,
              "runs of numbers travel as they lie in memory, which is little endian");

template <class T>
void pack(writer& to, const T& value);
template <class T>
T unpack(reader& from);
template <class T>
void unpack_into(reader& from, T& value);

namespace detail {

template <class T>
inline constexpr bool must_travel() {
  static_assert(packable<T>,
                "fabric: values of this type cannot be sent to another process; give the struct "
                "FABRIC_PACK(Type, field, ...) or specialise fabric::packing<Type>");
  return packable<T>;
}

template <class T>
std::string_view raw_of(const T* first, std::size_t n) {
  // NOLINTNEXTLINE(*-reinterpret-cast): the object's own bytes
  return {reinterpret_cast<const char*>(first), n * sizeof(T)};
}

template <class T>
void pack_run(writer& to, const T* first, std::size_t n) {
  if constexpr (one_byte<T>)
    to.bytes(raw_of(first, n));
  else
    to.numbers(kind_of<T>(), raw_of(first, n));
}

template <class T>
std::string_view unpack_run(reader& from) {
  if constexpr (one_byte<T>)
    return from.bytes();
  else
    return from.numbers(kind_of<T>(), sizeof(T));
}

template <class T>
concept contiguous_numbers = bulk_number<typename T::value_type> && requires(T& v) {
  { v.data() } -> std::same_as<typename T::value_type*>;
};

template <class T>
void pack_elements(writer& to, const T& value) {
  if constexpr (contiguous_numbers<T>) {
    pack_run(to, value.data(), value.size());
  } else {
    to.array(value.size());
    for (const auto& each : value) pack<typename T::value_type>(to, each);
  }
}

template <class T>
void unpack_sequence(reader& from, T& value) {
  using element = typename T::value_type;
  if constexpr (contiguous_numbers<T>) {
    const auto raw = unpack_run<element>(from);
    value.resize(raw.size() / sizeof(element));
    if (!raw.empty()) std::memcpy(value.data(), raw.data(), raw.size());
  } else {
    for (auto n = from.array(); n > 0 && from.ok(); --n) value.push_back(unpack<element>(from));
    from.leave();
  }
}

template <class T>
void unpack_array(reader& from, T& value) {
  using element = typename T::value_type;
  if constexpr (bulk_number<element>) {
    const auto raw = unpack_run<element>(from);
    if (raw.size() != sizeof(element) * value.size())
      from.fail("an array has another length");
    else if (!raw.empty())
      std::memcpy(value.data(), raw.data(), raw.size());
  } else {
    if (from.array() != value.size()) from.fail("an array has another length");
    for (auto& each : value)
      if (from.ok()) unpack_into(from, each);
    from.leave();
  }
}

template <class T>
void unpack_map(reader& from, T& value) {
  for (auto n = from.map(); n > 0 && from.ok(); --n) {
    auto key = unpack<typename T::key_type>(from);
    value.emplace(std::move(key), unpack<typename T::mapped_type>(from));
  }
  from.leave();
}

template <class T>
void unpack_set(reader& from, T& value) {
  for (auto n = from.array(); n > 0 && from.ok(); --n)
    value.emplace(unpack<typename T::key_type>(from));
  from.leave();
}

template <class T>
void pack_present(writer& to, const T& value) {
  if constexpr (is_nilable<T>) to.array(1);
  pack(to, value);
}

template <class T>
T unpack_present(reader& from) {
  if constexpr (!is_nilable<T>) return unpack<T>(from);
  if (from.array() != 1) from.fail("a value that may be absent has another form");
  T value = unpack<T>(from);
  from.leave();
  return value;
}

template <class T, std::size_t I = 0>
T unpack_alternative(reader& from, std::uint64_t index) {
  if constexpr (I + 1 < std::variant_size_v<T>)
    if (index != I) return unpack_alternative<T, I + 1>(from, index);
  return T{std::in_place_index<I>, unpack<std::variant_alternative_t<I, T>>(from)};
}

template <class T>
T unpack_choice(reader& from) {
  if (from.array() != 2) from.fail("a choice has another form");
  const auto index = from.natural(std::variant_size_v<T> - 1);
  T value = unpack_alternative<T>(from, index);
  from.leave();
  return value;
}

template <class T>
void pack_choice(writer& to, const T& value) {
  to.array(2);
  to.natural(value.index());
  std::visit([&](const auto& each) { pack(to, each); }, value);
}

template <class T, std::size_t... I>
T unpack_product(reader& from, std::index_sequence<I...>) {
  if (from.array() != sizeof...(I)) from.fail("a tuple has another length");
  T value{unpack<std::tuple_element_t<I, T>>(from)...};
  from.leave();
  return value;
}

template <class T, class Visitor>
void visit_fields(T& value, Visitor&& visit) {
  using plain = std::remove_const_t<T>;
  // The member of a class-scope FABRIC_PACK is not const, and changes nothing that is const.
  if constexpr (has_member_fields<plain>)
    const_cast<plain&>(value).fabric_fields(value, visit);
  else
    fabric_fields(value, visit);
}

template <class T>
void pack_fields(writer& to, const T& value) {
  visit_fields(value, [&](const auto&... fields) {
    to.array(sizeof...(fields));
    (pack(to, fields), ...);
  });
}

template <class T>
void unpack_fields(reader& from, T& value) {
  visit_fields(value, [&](auto&... fields) {
    auto left = from.array();
    (void)((left > 0 && (unpack_into(from, fields), --left, true)) && ...);
    for (; left > 0 && from.ok(); --left) from.skip();
    from.leave();
  });
}

template <class T>
T unpack_integer(reader& from) {
  using limits = std::numeric_limits<T>;
  if constexpr (std::is_unsigned_v<T>)
    return static_cast<T>(from.natural(limits::max()));
  else
    return static_cast<T>(from.integer(limits::min(), limits::max()));
}

template <class T>
T unpack_number(reader& from) {
  if constexpr (std::same_as<T, bool>)
    return from.boolean();
  else if constexpr (std::same_as<T, float>)
    return from.real32();
  else if constexpr (std::same_as<T, double>)
    return from.real();
  else
    return unpack_integer<T>(from);
}

}  // namespace detail

/// Appends one MessagePack value.
template <class T>
void pack(writer& to, const T& value) {
  if constexpr (detail::must_travel<T>()) {
    using enum detail::shape;
    constexpr auto is = detail::shape_of<T>();
    if constexpr (is == custom)
      packing<T>::pack(to, value);
    else if constexpr (is == fields)
      detail::pack_fields(to, value);
    else if constexpr (is == boolean)
      to.boolean(value);
    else if constexpr (is == integer && std::is_unsigned_v<T>)
      to.natural(value);
    else if constexpr (is == integer)
      to.integer(value);
    else if constexpr (is == real && std::same_as<T, float>)
      to.real32(value);
    else if constexpr (is == real)
      to.real(value);
    else if constexpr (is == enumeration)
      pack(to, static_cast<std::underlying_type_t<T>>(value));
    else if constexpr (is == text)
      to.bytes(value);
    else if constexpr (is == nothing)
      to.nil();
    else if constexpr (is == maybe || is == owned)
      value ? detail::pack_present(to, *value) : to.nil();
    else if constexpr (is == duration)
      pack(to, value.count());
    else if constexpr (is == calendar_time)
      pack(to, value.time_since_epoch().count());
    else if constexpr (is == path)
      to.bytes(value.native());
    else if constexpr (is == choice)
      detail::pack_choice(to, value);
    else if constexpr (is == product)
      std::apply([&](const auto&... parts) { to.array(sizeof...(parts)), (pack(to, parts), ...); },
                 value);
    else if constexpr (is == map) {
      to.map(value.size());
      for (const auto& [key, mapped] : value) pack(to, key), pack(to, mapped);
    } else
      detail::pack_elements(to, value);
  }
}

/// Takes one value of type `T`. Where the bytes are none, `from` is no longer `ok` and the answer
/// is some value of the type.
template <class T>
T unpack(reader& from) {
  if constexpr (detail::must_travel<T>()) {
    using enum detail::shape;
    constexpr auto is = detail::shape_of<T>();
    if constexpr (is == custom)
      return packing<T>::unpack(from);
    else if constexpr (is == boolean || is == integer || is == real)
      return detail::unpack_number<T>(from);
    else if constexpr (is == enumeration)
      return static_cast<T>(detail::unpack_number<std::underlying_type_t<T>>(from));
    else if constexpr (is == text)
      return T{from.bytes()};
    else if constexpr (is == path)
      return T{std::string{from.bytes()}};
    else if constexpr (is == nothing) {
      if (!from.nil()) from.fail("it is not nil");
      return {};
    } else if constexpr (is == maybe) {
      if (from.nil() || !from.ok()) return T{};
      return T{detail::unpack_present<typename T::value_type>(from)};
    } else if constexpr (is == owned) {
      if (from.nil() || !from.ok()) return T{};
      using element = typename T::element_type;
      return std::make_unique<element>(detail::unpack_present<element>(from));
    } else if constexpr (is == duration)
      return T{unpack<typename T::rep>(from)};
    else if constexpr (is == calendar_time)
      return T{typename T::duration{unpack<typename T::rep>(from)}};
    else if constexpr (is == choice)
      return detail::unpack_choice<T>(from);
    else if constexpr (is == product)
      return detail::unpack_product<T>(from, std::make_index_sequence<std::tuple_size_v<T>>{});
    else {
      static_assert(std::is_default_constructible_v<T>,
                    "fabric: a type with FABRIC_PACK needs a default constructor");
      T value{};
      unpack_into(from, value);
      return value;
    }
  }
}

/// As `unpack`, into a value that is there already; fields that the bytes lack stay as they are.
template <class T>
void unpack_into(reader& from, T& value) {
  using enum detail::shape;
  constexpr auto is = detail::shape_of<T>();
  if constexpr (is == fields) {
    detail::unpack_fields(from, value);
  } else if constexpr (is == array) {
    detail::unpack_array(from, value);
  } else if constexpr (is == sequence) {
    value.clear(), detail::unpack_sequence(from, value);
  } else if constexpr (is == map) {
    value.clear(), detail::unpack_map(from, value);
  } else if constexpr (is == set) {
    value.clear(), detail::unpack_set(from, value);
  } else {
    value = unpack<T>(from);
  }
}

/// The bytes of one value.
template <class T>
std::string pack(const T& value) {
  writer to;
  pack(to, value);
  return to.take();
}

/// The value that `bytes` are, all of them. Faults: bad_message.
template <class T>
result<T> unpack(std::string_view bytes, read_limits limits = {}) {
  reader from{bytes, limits};
  T value = unpack<T>(from);
  from.finish();
  if (!from.ok()) return from.error();
  return value;
}

}  // namespace fabric
