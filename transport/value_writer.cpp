#include <algorithm>
#include <bit>
#include <limits>

#include <msgpack/pack.hpp>

#include "fabric/writer.hpp"

namespace fabric {

namespace {

struct sink {
  std::string* out;
  void write(const char* data, std::size_t n) { out->append(data, n); }
};

/// The bits of a float behind its format byte, big endian.
template <class Bits>
void append_float(std::string& out, char format, Bits bits) {
  out += format;
  for (std::size_t n = sizeof bits; n > 0; --n)
    out += static_cast<char>(bits >> (n - 1) * 8 & 0xff);
}

}  // namespace

writer writer::bounded(std::size_t most) {
  writer made;
  made.most_ = most;
  return made;
}

/// Packs one value of `about` so many bytes; the packer itself holds no state.
template <class Put>
void writer::put(std::size_t about, Put put_value) {
  if (given_up_ || about > most_ - std::min(most_, out_.size())) return give_up();
  sink to{&out_};
  msgpack::packer<sink> packer{to};
  put_value(packer);
}

std::uint32_t writer::length(std::size_t n) {
  if (n <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(n);
  overflown_ = true;
  return 0;
}

void writer::nil() {
  put(1, [](auto& p) { p.pack_nil(); });
}

void writer::boolean(bool v) {
  put(1, [v](auto& p) { v ? p.pack_true() : p.pack_false(); });
}

void writer::natural(std::uint64_t v) {
  put(1, [v](auto& p) { p.pack_uint64(v); });
}

void writer::integer(std::int64_t v) {
  put(1, [v](auto& p) { p.pack_int64(v); });
}

// msgpack's packer makes integers of whole floats, which loses the sign of -0.0.
void writer::real32(float v) { append_float(out_, '\xca', std::bit_cast<std::uint32_t>(v)); }

void writer::real(double v) { append_float(out_, '\xcb', std::bit_cast<std::uint64_t>(v)); }

void writer::bytes(std::string_view v) {
  const auto n = length(v.size());
  put(v.size(), [n, v](auto& p) {
    p.pack_bin(n);
    p.pack_bin_body(v.data(), n);
  });
}

void writer::numbers(number_kind kind, std::string_view raw) {
  extension(static_cast<std::int8_t>(kind), raw);
}

void writer::extension(std::int8_t type, std::string_view raw) {
  const auto n = length(raw.size());
  put(raw.size(), [=](auto& p) {
    p.pack_ext(n, type);
    p.pack_ext_body(raw.data(), n);
  });
}

std::string writer::cut(std::size_t from) {
  std::string part = out_.substr(from);
  out_.resize(from);
  return part;
}

void writer::array(std::size_t n) {
  put(1, [m = length(n)](auto& p) { p.pack_array(m); });
}

void writer::map(std::size_t n) {
  put(1, [m = length(n)](auto& p) { p.pack_map(m); });
}

}  // namespace fabric
