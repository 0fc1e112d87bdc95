#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "fabric/reader.hpp"
#include "fabric/writer.hpp"

namespace fabric {

/// For types that FABRIC_PACK does not suit. A specialisation has
///   static void pack(writer& to, const T& value);   // exactly one MessagePack value
///   static T unpack(reader& from);                  // exactly one; `from.fail("...")` where it is
///   wrong
template <class T>
struct packing;

/// How a type travels. Containers are told by what they can do, so that this header includes none
/// that a program does not use.
namespace detail {

template <class T>
concept has_packing = requires(writer& w, reader& r, const T& v) {
  packing<T>::pack(w, v);
  { packing<T>::unpack(r) } -> std::same_as<T>;
};

struct any_visitor {
  void operator()(const auto&...) const {}
};
template <class T>
concept has_member_fields = requires(T& v) {
  v.fabric_fields(v, any_visitor{});
};
template <class T>
concept has_free_fields = requires(T& v) {
  fabric_fields(v, any_visitor{});
};
template <class T>
concept has_fields = std::is_class_v<T> &&(has_member_fields<T> || has_free_fields<T>);

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <template <class...> class Template, class... Parts>
inline constexpr bool is_a<Template<Parts...>, Template> = true;

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

/// Times of the calendar travel; those of a machine's own steady clock mean nothing elsewhere.
template <class T>
inline constexpr bool is_calendar_time = false;
template <class Duration>
inline constexpr bool
    is_calendar_time<std::chrono::time_point<std::chrono::system_clock, Duration>> = true;

template <class T>
concept path_like = requires(const T& v, std::string text) {
  { v.native() } -> std::same_as<const std::string&>;
  { v.lexically_normal() } -> std::same_as<T>;
  T{std::move(text)};
};

template <class T>
concept any_range = requires(const T& v) {
  typename T::value_type;
  v.begin();
  v.end();
  { v.size() } -> std::convertible_to<std::size_t>;
};
template <class T>
concept map_like = any_range<T> && requires(T& v) {
  typename T::key_type;
  typename T::mapped_type;
  v.emplace(std::declval<typename T::key_type>(), std::declval<typename T::mapped_type>());
};
template <class T>
concept set_like = any_range<T> && !map_like<T> && requires(T & v) {
  typename T::key_type;
  v.emplace(std::declval<typename T::key_type>());
};
template <class T>
concept sequence_like = any_range<T> && requires(T& v) {
  v.push_back(std::declval<typename T::value_type>());
};

template <class T>
concept one_byte = sizeof(T) == 1 && !std::same_as<T, bool> &&
                   (std::integral<T> || std::same_as<T, std::byte>);
/// Numbers that travel in one piece where many of them stand together.
template <class T>
concept bulk_number = one_byte<T> ||
                      (std::integral<T> && !std::same_as<T, bool> && sizeof(T) <= 8) ||
                      std::same_as<T, float> || std::same_as<T, double>;

template <class T>
consteval number_kind kind_of() {
  if constexpr (std::same_as<T, float>)
    return number_kind::float32;
  else if constexpr (std::same_as<T, double>)
    return number_kind::float64;
  else if constexpr (sizeof(T) == 2)
    return std::signed_integral<T> ? number_kind::int16 : number_kind::uint16;
  else if constexpr (sizeof(T) == 4)
    return std::signed_integral<T> ? number_kind::int32 : number_kind::uint32;
  else
    return std::signed_integral<T> ? number_kind::int64 : number_kind::uint64;
}

enum class shape {
  none,
  custom,
  fields,
  boolean,
  integer,
  real,
  enumeration,
  text,
  nothing,
  maybe,
  owned,
  duration,
  calendar_time,
  path,
  choice,
  product,
  array,
  map,
  set,
  sequence,
};

template <class T>
consteval shape shape_of() {
  if constexpr (has_packing<T>)
    return shape::custom;
  else if constexpr (has_fields<T>)
    return shape::fields;
  else if constexpr (std::same_as<T, bool>)
    return shape::boolean;
  else if constexpr (std::integral<T> && sizeof(T) <= 8)
    return shape::integer;
  else if constexpr (std::same_as<T, float> || std::same_as<T, double>)
    return shape::real;
  else if constexpr (std::is_enum_v<T>)
    return shape::enumeration;
  else if constexpr (std::same_as<T, std::string>)
    return shape::text;
  else if constexpr (std::same_as<T, std::monostate>)
    return shape::nothing;
  else if constexpr (is_a<T, std::optional>)
    return shape::maybe;
  else if constexpr (is_a<T, std::unique_ptr>)
    return shape::owned;
  else if constexpr (is_duration<T>)
    return shape::duration;
  else if constexpr (is_calendar_time<T>)
    return shape::calendar_time;
  else if constexpr (is_a<T, std::variant>)
    return shape::choice;
  else if constexpr (is_a<T, std::pair> || is_a<T, std::tuple>)
    return shape::product;
  else if constexpr (is_std_array<T>)
    return shape::array;
  else if constexpr (path_like<T>)
    return shape::path;
  else if constexpr (map_like<T>)
    return shape::map;
  else if constexpr (set_like<T>)
    return shape::set;
  else if constexpr (sequence_like<T>)
    return shape::sequence;
  else
    return shape::none;
}

template <class T>
consteval bool can_travel();

template <class T>
inline constexpr bool all_travel = false;
template <template <class...> class Template, class... Parts>
inline constexpr bool all_travel<Template<Parts...>> = (can_travel<Parts>() && ...);

/// Fields of a struct are not looked at: a struct may hold itself through a container. Where one of
/// them cannot travel, packing the struct says so.
template <class T>
consteval bool can_travel() {
  constexpr auto is = shape_of<T>();
  if constexpr (is == shape::maybe || is == shape::array || is == shape::set ||
                is == shape::sequence)
    return can_travel<typename T::value_type>();
  else if constexpr (is == shape::owned)
    return can_travel<typename T::element_type>() && !std::is_array_v<typename T::element_type> &&
           std::same_as<T, std::unique_ptr<typename T::element_type>>;
  else if constexpr (is == shape::map)
    return can_travel<typename T::key_type>() && can_travel<typename T::mapped_type>();
  else if constexpr (is == shape::choice || is == shape::product)
    return all_travel<T>;
  else
    return is != shape::none;
}

template <class T>
consteval bool can_be_copied();

template <class T>
inline constexpr bool all_can_be_copied = false;
template <template <class...> class Template, class... Parts>
inline constexpr bool all_can_be_copied<Template<Parts...>> = (can_be_copied<Parts>() && ...);

/// Whether a copy compiles. Containers say so of themselves also where their elements cannot be
/// copied.
template <class T>
consteval bool can_be_copied() {
  constexpr auto is = shape_of<T>();
  if constexpr (!std::is_copy_constructible_v<T>)
    return false;
  else if constexpr (is == shape::maybe || is == shape::set || is == shape::sequence)
    return can_be_copied<typename T::value_type>();
  else if constexpr (is == shape::map)
    return can_be_copied<typename T::key_type>() && can_be_copied<typename T::mapped_type>();
  else if constexpr (is == shape::choice || is == shape::product)
    return all_can_be_copied<T>;
  else
    return true;
}

/// Types of which nil is a value: within an optional they stand in an array of one.
template <class T>
inline constexpr bool is_nilable = shape_of<T>() == shape::maybe || shape_of<T>() == shape::owned
                                   || shape_of<T>() == shape::nothing
                                   || shape_of<T>() == shape::custom;

}  // namespace detail

/// True where values of `T` can be sent to another process and back.
template <class T>
concept packable = std::same_as<T, std::remove_cvref_t<T>> && detail::can_travel<T>();

}  // namespace fabric
