#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <msgpack/pack.hpp>

#include "fabric/ids.hpp"
#include "fabric/instant.hpp"
#include "transport/codec_fields.hpp"
#include "transport/codec_text.hpp"

/// Structs to MessagePack. Private to the codec.
namespace fabric::transport::codec {

/// Compatibility tests compile the codec a second time, as that of a later minor version: it adds a
/// field that this one does not know to every struct, and a message to every WELCOME.
#ifdef FABRIC_LATER_MINOR_VERSION
inline constexpr bool is_later_minor_version = true;
#else
inline constexpr bool is_later_minor_version = false;
#endif
inline constexpr std::uint64_t later_field = 200;
inline constexpr std::uint16_t later_message = 2000;

/// Appends to a string what msgpack's packer spells. `objection` says after that why no reader
/// would take it; it is empty where one would.
class writer {
 public:
  explicit writer(std::string& out) : sink_{&out}, pack_(sink_) {}

  [[nodiscard]] std::string_view objection() const { return objection_; }

  void put(bool v) { v ? pack_.pack_true() : pack_.pack_false(); }
  void put(std::unsigned_integral auto v) { pack_.pack_uint64(v); }
  void put(std::signed_integral auto v) { pack_.pack_int64(v); }
  void put(milli v) { pack_.pack_int64(v.value); }
  void put(duration v) { pack_.pack_int64(v.count()); }
  void put(instant v) { pack_.pack_int64(v.time_since_epoch().count()); }
  void put(fault_code v) { put_text(name_of(v)); }
  void put(task_id v) { put_tuple(v.job, v.index); }
  void put(attempt_id v) { put_tuple(v.task.job, v.task.index, v.attempt); }
  void put(const gpu_share& v) {
    pack_.pack_array(2);
    put_text(v.id);
    put(v.share);
  }
  void put(const label_condition& v) {
    pack_.pack_array(3);
    put_text(v.key);
    put(static_cast<std::uint8_t>(v.is));
    put_text(v.value);
  }
  void put(const std::string& v) { put(std::string_view{v}); }
  void put(std::string_view v) {
    pack_.pack_bin(static_cast<std::uint32_t>(v.size()));
    pack_.pack_bin_body(v.data(), static_cast<std::uint32_t>(v.size()));
  }
  void put(const std::string& v, text_mark) { put_text(v); }
  void put(const resource_set& v) {
    pack_.pack_map(static_cast<std::uint32_t>(v.size()));
    for (const auto& [name, amount] : v) put_text(name), put(amount);
  }
  void put(const label_map& v) {
    pack_.pack_map(static_cast<std::uint32_t>(v.size()));
    for (const auto& [key, value] : v) put_text(key), put_text(value);
  }

  template <class Tag>
  void put(strong_id<Tag> v) {
    pack_.pack_uint64(v.value);
  }

  template <class A, class B>
  void put(const std::pair<A, B>& v) {
    put_tuple(v.first, v.second);
  }

  template <class T>
  void put(const std::vector<T>& v, auto... mark) {
    pack_.pack_array(static_cast<std::uint32_t>(v.size()));
    for (const auto& each : v) put(each, mark...);
  }

  template <class T>
  void put(const std::optional<T>& v, auto... mark) {
    v ? put(*v, mark...) : static_cast<void>(pack_.pack_nil());
  }

  /// A map from field number to value; a field that holds its default is left out, which is what
  /// its absence means to every reader.
  template <described T>
  void put(const T& m) {
    const auto& defaults = default_fields<T>();
    std::uint64_t differs = 0;
    std::size_t at = 0;
    each_field(m, [&]<class F>(int, const F& f, auto...) {
      if (!(f == *static_cast<const F*>(defaults[at]))) differs |= std::uint64_t{1} << at;
      ++at;
    });
    pack_.pack_map(static_cast<std::uint32_t>(__builtin_popcountll(differs)) +
                   (is_later_minor_version ? 1 : 0));
    at = 0;
    each_field(m, [&](int number, const auto& f, auto... mark) {
      if (differs >> at++ & 1) {
        pack_.pack_uint64(static_cast<std::uint64_t>(number));
        put(f, mark...);
      }
    });
    if constexpr (is_later_minor_version) {
      pack_.pack_uint64(later_field);
      put_text("of a later version");
    }
  }

 private:
  struct sink {
    std::string* out;
    void write(const char* data, std::size_t n) { out->append(data, n); }
  };

  void put_text(std::string_view v) {
    if (objection_.empty()) objection_ = objection_to_text(v);
    pack_.pack_str(static_cast<std::uint32_t>(v.size()));
    pack_.pack_str_body(v.data(), static_cast<std::uint32_t>(v.size()));
  }

  void put_tuple(const auto&... parts) {
    pack_.pack_array(sizeof...(parts));
    (put(parts), ...);
  }

  std::string_view objection_;
  sink sink_;
  msgpack::packer<sink> pack_;
};

}  // namespace fabric::transport::codec
