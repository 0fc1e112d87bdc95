#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "fabric/detail_object.hpp"
#include "fabric/object_id.hpp"
#include "fabric/pack.hpp"

namespace fabric {

/// A reference to an immutable value that lies in memory which all processes of this user on this
/// host share, or on another host. Copies refer to the same value; it is there until the last
/// reference in any process is gone, or the last process that had one. References travel: as
/// arguments, in results, within structs. Where an X is expected, an `object<X>` may stand: the
/// call starts when the value is there. All members may be called from any thread.
template <class T>
class object {
 public:
  using value_type = T;

  object() = default;
  explicit object(detail::object_hold hold) : hold_(std::move(hold)) {}

  [[nodiscard]] bool valid() const { return hold_ != nullptr; }
  [[nodiscard]] const object_id& id() const { return detail::id_of(hold_); }
  /// Bytes that it takes up.
  [[nodiscard]] std::uint64_t size() const { return detail::size_of(hold_); }

  /// The value, read where it lies. One that lies on another host is fetched first. Throws
  /// object_error (object_lost, store_full, store_failed).
  [[nodiscard]] view<T> get() const { return view<T>{*this}; }
  /// As above, but waits for at most so long: then wait_error is thrown.
  [[nodiscard]] view<T> get(std::chrono::nanoseconds at_most) const {
    return view<T>{*this, at_most};
  }
  /// A copy of the value. Throws as `get`.
  [[nodiscard]] T value() const {
    const auto there = detail::map_object(hold_, detail::without_limit);
    return detail::value_in<T>(there.bytes);
  }

  [[nodiscard]] const detail::object_hold& hold() const { return hold_; }
  bool operator==(const object& b) const {
    return valid() == b.valid() && (!valid() || id() == b.id());
  }

 private:
  detail::object_hold hold_;
};

/// The value of an object, to be read for as long as the view lives, whatever becomes of the
/// object. For what does not lie flat: unpacked, once for each view and its copies.
template <class T>
class view {
 public:
  using value_type = T;

  view() = default;
  explicit view(fabric::object<T> of, std::chrono::nanoseconds at_most = detail::without_limit)
      : of_(std::move(of)) {
    const auto there = detail::map_object(of_.hold(), at_most);
    value_ = std::make_shared<const T>(detail::value_in<T>(there.bytes));
  }

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  [[nodiscard]] const T& value() const { return *value_; }
  [[nodiscard]] const fabric::object<T>& object() const { return of_; }

 private:
  fabric::object<T> of_;
  std::shared_ptr<const T> value_;
};

/// Elements that lie in shared memory: no copy was made of them.
template <class T>
requires detail::lies_flat<T>
class view<T> {
 public:
  using value_type = T;
  using element = typename T::value_type;
  /// std::string_view of a string, else std::span.
  using elements = std::conditional_t<std::is_same_v<T, std::string>, std::string_view,
                                      std::span<const element>>;

  view() = default;
  explicit view(fabric::object<T> of, std::chrono::nanoseconds at_most = detail::without_limit)
      : of_(std::move(of)), there_(detail::map_object(of_.hold(), at_most)) {}

  [[nodiscard]] const element* data() const {
    // NOLINTNEXTLINE(*-reinterpret-cast): the elements as they were put
    return reinterpret_cast<const element*>(there_.bytes.data());
  }
  [[nodiscard]] std::size_t size() const { return there_.bytes.size() / sizeof(element); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  const element& operator[](std::size_t at) const { return data()[at]; }
  [[nodiscard]] const element* begin() const { return data(); }
  [[nodiscard]] const element* end() const { return data() + size(); }
  elements operator*() const { return {data(), size()}; }
  operator elements() const { return {data(), size()}; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return there_.bytes; }
  /// A copy.
  [[nodiscard]] T value() const { return detail::value_in<T>(there_.bytes); }
  [[nodiscard]] const fabric::object<T>& object() const { return of_; }

 private:
  fabric::object<T> of_;
  detail::object_bytes there_;
};

/// Puts a value into shared memory, once for all who are given the reference. Strings and vectors
/// of trivially copyable elements are copied as they lie and read without a copy; other values are
/// packed. Texts and spans may be given without a container of their own. Throws object_error
/// (store_full, store_failed), usage_error where this process has no session.
template <class T>
auto put(const T& value) {
  using kept = detail::put_as<T>;
  return object<kept>{detail::put_value<kept>(value)};
}

/// The same as `what.get()`.
template <class T>
view<T> get(const object<T>& what) {
  return what.get();
}

/// How much the store of this host holds, of all processes that share it.
struct object_usage {
  std::uint64_t objects = 0;
  std::uint64_t memory = 0;  ///< bytes, as the next three
  std::uint64_t memory_max = 0;
  std::uint64_t disk = 0;
  std::uint64_t disk_max = 0;  ///< where it has no limit of its own, a very large number
};
/// Throws object_error, usage_error where this process has no session.
object_usage objects_in_use();

template <class T>
struct packing<object<T>> {
  static void pack(writer& to, const object<T>& what) {
    what.valid() ? detail::pack_object(to, what.hold(), detail::object_use::reference) : to.nil();
  }
  static object<T> unpack(reader& from) {
    if (from.nil()) return {};
    auto hold = detail::unpack_object(from, detail::layout_of<T>());
    return hold ? object<T>{std::move(hold)} : object<T>{};
  }
};

/// A view travels as its object, and is mapped where it arrives.
template <class T>
struct packing<view<T>> {
  static void pack(writer& to, const view<T>& what) {
    what.object().valid() ? detail::pack_object(to, what.object().hold(), detail::object_use::value)
                          : to.nil();
  }
  static view<T> unpack(reader& from) {
    if (from.nil()) return {};
    auto hold = detail::unpack_object(from, detail::layout_of<T>());
    return hold ? view<T>{object<T>{std::move(hold)}} : view<T>{};
  }
};

namespace detail {

/// Throws usage_error where it refers to none.
template <class T>
const object<T>& checked(const object<T>& given) {
  static_cast<void>(id_of(given.hold()));
  return given;
}

template <class T>
inline constexpr bool refers_to_object = is_a<T, object> || is_a<T, view>;

/// Only what is known to be large without packing it.
template <class P>
void note_value(data_site& where, const P& value) {
  if constexpr (is_a<P, object>) {
    if (value.valid()) note_object(where, value.hold());
  } else if constexpr (is_a<P, view>) {
    if (value.object().valid()) note_object(where, value.object().hold());
  } else if constexpr (lies_flat<P>) {
    const auto bytes = flat_bytes(value).size();
    if (bytes >= large_bytes && bytes > where.bytes) where = {{}, bytes};
  }
}

/// An argument or result, which goes as an object of its own where it is large and that is asked
/// for by a `packing_for_others`.
template <class P>
void pack_argument(writer& to, const P& value) {
  if constexpr (!refers_to_object<P>) {
    const auto large = packing_for_others::large_from();
    if constexpr (lies_flat<P>) {
      if (flat_bytes(value).size() >= large) {
        if (packing_for_others::gives_up()) return to.give_up();
        return pack_object(to, put_value<P>(value), object_use::value);
      }
    } else {
      const auto before = to.size();
      pack<P>(to, value);
      if (to.size() - before < large || to.is_overflown()) return;
      if (packing_for_others::gives_up()) return to.give_up();
      pack_object(to, put_packed(to.cut(before)), object_use::value);
      return;
    }
  }
  pack<P>(to, value);
}

/// What `pack_argument` wrote; also where an object was given for the value.
template <class P>
P unpack_argument(reader& from) {
  if constexpr (!refers_to_object<P>) {
    if (from.has_extension(object_extension)) {
      const auto hold = unpack_object(from, layout_of<P>());
      if (hold) return value_in<P>(map_object(hold, without_limit).bytes);
    }
  }
  return unpack<P>(from);
}

template <class... P>
std::tuple<P...> unpack_arguments(reader& from, std::tuple<P...>*) {
  if (from.array() != sizeof...(P)) from.fail("a tuple has another length");
  std::tuple<P...> values{unpack_argument<P>(from)...};
  from.leave();
  return values;
}

}  // namespace detail
}  // namespace fabric
