#include <bit>
#include <cstring>
#include <limits>
#include <string>

#include "fabric/reader.hpp"

/// MessagePack's own reader either builds a tree of objects or calls a visitor; neither lets typed
/// code take one value after the other, so its few formats are told apart here.
namespace fabric {

namespace {

enum class format : std::uint8_t {
  nil,
  boolean,
  natural,
  negative,
  real32,
  real64,
  bytes,
  ext,
  array,
  map
};

}  // namespace

/// The first byte of a value and what belongs to it: a number, or the length of what follows.
struct reader::head {
  format is = format::nil;
  std::uint64_t number = 0;  // bits of a float; two's complement of a negative integer
  std::int8_t ext = 0;
};

void reader::fail(std::string_view why) {
  if (!why_.empty()) return;
  why_ = why;
  failed_at_ = whole_ - left_.size();
  left_ = {};
}

fault reader::error() const {
  return {fault_code::bad_message,
          "packed value: " + std::string(why_) + " at byte " + std::to_string(failed_at_) + " of " +
              std::to_string(whole_),
          ""};
}

void reader::finish() {
  if (ok() && !left_.empty()) fail("there are more bytes than values");
}

bool reader::take(std::size_t n, std::string_view& out) {
  if (n > left_.size()) {
    fail("it ends too early");
    return false;
  }
  out = left_.substr(0, n);
  left_.remove_prefix(n);
  return true;
}

/// Big endian. The caller has checked that nothing failed; too few bytes fail here.
std::uint64_t reader::take_number(std::size_t bytes) {
  std::string_view raw;
  if (!take(bytes, raw)) return 0;
  std::uint64_t n = 0;
  for (char c : raw) n = n << 8 | static_cast<unsigned char>(c);
  return n;
}

bool reader::take_head(head& h) {
  std::string_view raw;
  if (limits_.values == 0) {
    fail("it has too many values");
    return false;
  }
  if (!take(1, raw)) return false;
  --limits_.values;
  const auto b = static_cast<unsigned char>(raw.front());
  const auto low = [&](unsigned mask) { return static_cast<std::uint64_t>(b & mask); };
  const auto sized = [&](format is, unsigned power) {
    h.is = is;
    h.number = take_number(std::size_t{1} << power);
  };
  if (b <= 0x7f) {
    h = {format::natural, b, 0};
  } else if (b <= 0x8f) {
    h = {format::map, low(0x0f), 0};
  } else if (b <= 0x9f) {
    h = {format::array, low(0x0f), 0};
  } else if (b <= 0xbf) {
    h = {format::bytes, low(0x1f), 0};
  } else if (b >= 0xe0) {
    h = {format::negative, static_cast<std::uint64_t>(static_cast<std::int64_t>(b) - 256), 0};
  } else if (b == 0xc0) {
    h.is = format::nil;
  } else if (b == 0xc2 || b == 0xc3) {
    h = {format::boolean, low(1), 0};
  } else if (b >= 0xc4 && b <= 0xc6) {
    sized(format::bytes, b - 0xc4U);
  } else if (b >= 0xc7 && b <= 0xc9) {
    sized(format::ext, b - 0xc7U);
    h.ext = static_cast<std::int8_t>(take_number(1));
  } else if (b == 0xca || b == 0xcb) {
    sized(b == 0xca ? format::real32 : format::real64, b == 0xca ? 2 : 3);
  } else if (b >= 0xcc && b <= 0xcf) {
    sized(format::natural, b - 0xccU);
  } else if (b >= 0xd0 && b <= 0xd3) {
    const unsigned power = b - 0xd0U;
    sized(format::natural, power);
    const unsigned unused = 64 - (8U << power);
    const auto v = static_cast<std::int64_t>(h.number << unused) >> unused;
    h.number = static_cast<std::uint64_t>(v);
    if (v < 0) h.is = format::negative;
  } else if (b >= 0xd4 && b <= 0xd8) {
    h = {format::ext, std::uint64_t{1} << (b - 0xd4U), static_cast<std::int8_t>(take_number(1))};
  } else if (b >= 0xd9 && b <= 0xdb) {
    sized(format::bytes, b - 0xd9U);
  } else if (b == 0xdc || b == 0xdd) {
    sized(format::array, b == 0xdc ? 1 : 2);
  } else if (b == 0xde || b == 0xdf) {
    sized(format::map, b == 0xde ? 1 : 2);
  } else {
    fail("a byte begins no value");
  }
  return ok();
}

bool reader::nil() {
  constexpr char nil_byte = '\xc0';
  if (left_.empty() || left_.front() != nil_byte) return false;
  head h;
  return take_head(h);
}

bool reader::boolean() {
  head h;
  if (!take_head(h)) return false;
  if (h.is != format::boolean) fail("it is no truth value");
  return ok() && h.number != 0;
}

std::uint64_t reader::natural(std::uint64_t max) {
  head h;
  if (!take_head(h)) return 0;
  if (h.is != format::natural)
    fail("it is no number from 0");
  else if (h.number > max)
    fail("a number is too large");
  return ok() ? h.number : 0;
}

std::int64_t reader::integer(std::int64_t min, std::int64_t max) {
  head h;
  if (!take_head(h)) return 0;
  const auto v = static_cast<std::int64_t>(h.number);
  if (h.is == format::natural) {
    if (max < 0 || h.number > static_cast<std::uint64_t>(max))
      fail("a number is too large");
    else if (v < min)
      fail("a number is too small");
  } else if (h.is != format::negative) {
    fail("it is no integer");
  } else if (v < min || v > max) {
    fail("a number is out of its range");
  }
  return ok() ? v : 0;
}

float reader::real32() {
  head h;
  if (!take_head(h)) return 0;
  if (h.is != format::real32) fail("it is no float of 32 bits");
  return ok() ? std::bit_cast<float>(static_cast<std::uint32_t>(h.number)) : 0;
}

double reader::real() {
  head h;
  if (!take_head(h)) return 0;
  if (h.is == format::real32) return std::bit_cast<float>(static_cast<std::uint32_t>(h.number));
  // Other writers may send whole numbers as integers.
  if (h.is == format::natural) return static_cast<double>(h.number);
  if (h.is == format::negative) return static_cast<double>(static_cast<std::int64_t>(h.number));
  if (h.is != format::real64) fail("it is no float");
  return ok() ? std::bit_cast<double>(h.number) : 0;
}

std::string_view reader::bytes() {
  head h;
  std::string_view out;
  if (!take_head(h)) return {};
  if (h.is != format::bytes)
    fail("it is no text");
  else if (take(static_cast<std::size_t>(h.number), out))
    return out;
  return {};
}

std::string_view reader::numbers(number_kind kind, std::size_t size) {
  head h;
  std::string_view out;
  if (!take_head(h)) return {};
  if (h.is != format::ext || h.ext != static_cast<std::int8_t>(kind)) {
    fail("it is no run of numbers of this type");
  } else if (h.number % size != 0) {
    fail("a run of numbers ends within one");
  } else if (take(static_cast<std::size_t>(h.number), out)) {
    return out;
  }
  return {};
}

bool reader::has_extension(std::int8_t type) const {
  if (left_.empty()) return false;
  const auto b = static_cast<unsigned char>(left_.front());
  if (b < 0xc7 || b > 0xd8 || (b > 0xc9 && b < 0xd4)) return false;
  reader ahead = *this;
  head h;
  return ahead.take_head(h) && h.is == format::ext && h.ext == type;
}

std::string_view reader::extension(std::int8_t type) {
  head h;
  std::string_view out;
  if (!take_head(h)) return {};
  if (h.is != format::ext || h.ext != type)
    fail("it is no extension of this type");
  else if (take(static_cast<std::size_t>(h.number), out))
    return out;
  return {};
}

std::size_t reader::enter(bool is_map) {
  head h;
  if (!take_head(h)) return 0;
  if (h.is != (is_map ? format::map : format::array)) {
    fail(is_map ? "it is no map" : "it is no array");
  } else if (h.number * (is_map ? 2 : 1) > left_.size()) {
    fail("it has fewer bytes than elements");
  } else if (depth_ >= limits_.depth) {
    fail("it is nested too deeply");
  } else {
    ++depth_;
    return static_cast<std::size_t>(h.number);
  }
  return 0;
}

std::size_t reader::array() { return enter(false); }

std::size_t reader::map() { return enter(true); }

void reader::leave() {
  if (ok()) --depth_;
}

void reader::skip() {
  std::string_view ignored;
  for (std::uint64_t owed = 1; owed > 0 && ok(); --owed) {
    head h;
    if (!take_head(h)) return;
    if (h.is == format::bytes || h.is == format::ext)
      take(static_cast<std::size_t>(h.number), ignored);
    if (h.is == format::array) owed += h.number;
    if (h.is == format::map) owed += h.number * 2;
    if (owed > left_.size() + 1) fail("it has fewer bytes than elements");
  }
}

std::string_view reader::value() {
  const auto before = left_;
  skip();
  return ok() ? before.substr(0, before.size() - left_.size()) : std::string_view{};
}

}  // namespace fabric
