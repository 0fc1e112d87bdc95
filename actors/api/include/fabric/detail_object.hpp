#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fabric/object_id.hpp"
#include "fabric/pack.hpp"

/// Values in shared memory, and references to them. Not for programs.
namespace fabric {

template <class T>
class object;
template <class T>
class view;

namespace detail {

/// One object as this process knows it: what all references to it here share.
class object_body;
using object_hold = std::shared_ptr<object_body>;

/// A reference in packed bytes is a MessagePack extension of this type.
inline constexpr std::int8_t object_extension = 111;

/// An argument or result of so many bytes goes as an object of its own, where it goes to another
/// process. Below, a message is about as fast, and takes no room in the store.
inline constexpr std::size_t large_bytes = 256 * 1024;

inline constexpr std::chrono::nanoseconds without_limit{-1};

/// How an object's bytes are a value: packed, or elements of this size as they lie in memory.
struct object_layout {
  std::uint32_t element_bytes = 0;  ///< 0: packed

  bool operator==(const object_layout&) const = default;
};

/// Bytes of an object that stay where they are for as long as `keeps` lives.
struct object_bytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keeps;
};

/// What a packed reference is for: itself, or the value, whose bytes are wanted where it arrives.
enum class object_use : std::uint8_t { reference, value };

/// Where the largest of those large values lies that a call reads, or has made.
struct data_site {
  object_id store;  ///< that holds it; no id: this process has it
  std::uint64_t bytes = 0;
};
void note_object(data_site& where, const object_hold& what);

const object_id& id_of(const object_hold& what);
std::uint64_t size_of(const object_hold& what);
object_hold put_object(std::span<const std::byte> bytes, object_layout how);
/// Waits where the object is fetched from another host; a limit below 0 is none.
object_bytes map_object(const object_hold& what, std::chrono::nanoseconds at_most);
void pack_object(writer& to, const object_hold& what, object_use use);
/// nullptr where `from` failed.
object_hold unpack_object(reader& from, object_layout expected);

/// A reference that went into a message: the object is to be kept until the receiver has it.
struct carried_hold {
  object_hold what;
  object_use use = object_use::reference;
};

enum class large_values : std::uint8_t {
  become_objects,
  stay,
  give_up,  ///< the writer does, at once
};

/// What this thread packs while it lives goes to another process: large arguments become objects,
/// and what is referred to is noted.
class packing_for_others {
 public:
  /// As the program `self`, where that has a name.
  explicit packing_for_others(std::uint64_t self = 0,
                              large_values large = large_values::become_objects);
  packing_for_others(const packing_for_others&) = delete;
  packing_for_others& operator=(const packing_for_others&) = delete;
  ~packing_for_others();

  /// From how many bytes on an argument of this thread becomes an object.
  static std::size_t large_from();
  /// Whether those of this thread are left to somebody with more time.
  static bool gives_up();
  std::vector<carried_hold> take() { return std::move(carried_); }

 private:
  friend void pack_object(writer& to, const object_hold& what, object_use use);
  packing_for_others* before_;
  std::uint64_t self_;
  large_values large_;
  std::vector<carried_hold> carried_;
};

// Values that lie flat.

inline constexpr std::size_t alignment_max = 4096;  // of a mapping

template <class E>
inline constexpr bool is_flat_element =
    std::is_trivially_copyable_v<E> && !std::is_same_v<E, bool> && !std::is_pointer_v<E> &&
    !std::is_member_pointer_v<E> && alignof(E) <= alignment_max;

template <class T>
inline constexpr bool lies_flat = std::is_same_v<T, std::string>;
template <class E, class Allocator>
inline constexpr bool lies_flat<std::vector<E, Allocator>> = is_flat_element<E>;

template <class T>
constexpr object_layout layout_of() {
  if constexpr (lies_flat<T>)
    return {sizeof(typename T::value_type)};
  else
    return {};
}

/// What a value is kept as: a text as std::string, a span as std::vector, all else as itself.
template <class T>
struct kept_form {
  using type = T;
};
template <class E, std::size_t N>
struct kept_form<std::span<E, N>> {
  using type = std::vector<std::remove_cv_t<E>>;
};
template <>
struct kept_form<std::string_view> {
  using type = std::string;
};
template <>
struct kept_form<const char*> {
  using type = std::string;
};
template <>
struct kept_form<char*> {
  using type = std::string;
};
template <class T>
using put_as = typename kept_form<std::decay_t<const T&>>::type;

template <class Elements>
std::span<const std::byte> flat_bytes(const Elements& of) {
  return std::as_bytes(std::span{of.data(), of.size()});
}
inline std::span<const std::byte> flat_bytes(const char* text) {
  return flat_bytes(std::string_view{text});
}

/// The references that this thread packs while it lives: what a value refers to.
class references_within {
 public:
  references_within();
  references_within(const references_within&) = delete;
  references_within& operator=(const references_within&) = delete;
  ~references_within();
  std::vector<object_hold> take() { return std::move(found_); }

 private:
  friend void pack_object(writer& to, const object_hold& what, object_use use);
  references_within* before_;
  std::vector<object_hold> found_;
};

/// Bytes of a packed value, and what it refers to, which is kept as long as the object is known to
/// this process.
object_hold put_packed(const std::string& bytes, std::vector<object_hold> within = {});
[[noreturn]] void throw_overflown_object();

template <class Kept, class T>
object_hold put_value(const T& value) {
  if constexpr (lies_flat<Kept>) {
    return put_object(flat_bytes(value), layout_of<Kept>());
  } else {
    static_assert(packable<Kept>,
                  "fabric: a value of this type cannot be put; give its struct FABRIC_PACK(Type, "
                  "field, ...) or specialise fabric::packing<Type>");
    references_within found;
    writer packed;
    pack<Kept>(packed, value);
    if (packed.is_overflown()) throw_overflown_object();
    return put_packed(packed.take(), found.take());
  }
}

[[noreturn]] void throw_unreadable_object(const fault& why);

template <class T>
T value_in(std::span<const std::byte> bytes) {
  // NOLINTNEXTLINE(*-reinterpret-cast): bytes as characters
  const std::string_view raw{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  if constexpr (std::is_same_v<T, std::string>) {
    return T{raw};
  } else if constexpr (lies_flat<T>) {
    using element = typename T::value_type;
    // NOLINTNEXTLINE(*-reinterpret-cast): the elements as they were put
    const auto* first = reinterpret_cast<const element*>(bytes.data());
    return T(first, first + bytes.size() / sizeof(element));
  } else {
    reader from{raw};
    T value = unpack<T>(from);
    from.finish();
    if (!from.ok()) throw_unreadable_object(from.error());
    return value;
  }
}

}  // namespace detail
}  // namespace fabric
