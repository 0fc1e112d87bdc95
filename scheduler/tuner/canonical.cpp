#include <algorithm>
#include <bit>
#include <numeric>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

namespace {

template <class Number>
void put_little_endian(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    out += static_cast<char>((number >> (8 * i)) & 0xFF);
}

void put_text(std::string& out, std::string_view text) {
  put_little_endian(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

void put_value(std::string& out, const value& v) {
  out += static_cast<char>(v.index());
  if (const auto* whole = std::get_if<std::int64_t>(&v)) {
    put_little_endian(out, static_cast<std::uint64_t>(*whole));
  } else if (const auto* real = std::get_if<double>(&v)) {
    put_little_endian(out, std::bit_cast<std::uint64_t>(*real));
  } else {
    put_text(out, std::get<std::string>(v));
  }
}

// The kind byte is the alternative's index.
static_assert(std::is_same_v<std::variant_alternative_t<0, value>, std::int64_t>);
static_assert(std::is_same_v<std::variant_alternative_t<1, value>, double>);
static_assert(std::is_same_v<std::variant_alternative_t<2, value>, std::string>);

}  // namespace

std::string canonical_key(const space& s, const point& p) {
  const auto& parameters = s.parameters();
  std::vector<std::size_t> order(parameters.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {},
                    [&](std::size_t i) -> const std::string& { return parameters[i].name; });
  std::string key;
  for (const auto i : order) {
    if (!s.is_active(p, i)) continue;
    put_text(key, parameters[i].name);
    put_value(key, s.value_of(p, i));
  }
  return key;
}

}  // namespace fabric::tuner
