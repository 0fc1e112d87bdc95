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

/// Packs one value; the packer itself holds no state.
template <class Put>
void pack_to(std::string& out, Put put) {
  sink to{&out};
  msgpack::packer<sink> packer{to};
  put(packer);
}

/// The bits of a float behind its format byte, big endian.
template <class Bits>
void append_float(std::string& out, char format, Bits bits) {
  out += format;
  for (std::size_t n = sizeof bits; n > 0; --n)
    out += static_cast<char>(bits >> (n - 1) * 8 & 0xff);
}

}  // namespace

std::uint32_t writer::length(std::size_t n) {
  if (n <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(n);
  overflown_ = true;
  return 0;
}

void writer::nil() {
  pack_to(out_, [](auto& p) { p.pack_nil(); });
}

void writer::boolean(bool v) {
  pack_to(out_, [v](auto& p) { v ? p.pack_true() : p.pack_false(); });
}

void writer::natural(std::uint64_t v) {
  pack_to(out_, [v](auto& p) { p.pack_uint64(v); });
}

void writer::integer(std::int64_t v) {
  pack_to(out_, [v](auto& p) { p.pack_int64(v); });
}

// msgpack's packer makes integers of whole floats, which loses the sign of -0.0.
void writer::real32(float v) { append_float(out_, '\xca', std::bit_cast<std::uint32_t>(v)); }

void writer::real(double v) { append_float(out_, '\xcb', std::bit_cast<std::uint64_t>(v)); }

void writer::bytes(std::string_view v) {
  const auto n = length(v.size());
  pack_to(out_, [n, v](auto& p) {
    p.pack_bin(n);
    p.pack_bin_body(v.data(), n);
  });
}

void writer::numbers(number_kind kind, std::string_view raw) {
  extension(static_cast<std::int8_t>(kind), raw);
}

void writer::extension(std::int8_t type, std::string_view raw) {
  const auto n = length(raw.size());
  pack_to(out_, [=](auto& p) {
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
  pack_to(out_, [m = length(n)](auto& p) { p.pack_array(m); });
}

void writer::map(std::size_t n) {
  pack_to(out_, [m = length(n)](auto& p) { p.pack_map(m); });
}

}  // namespace fabric
