#include "scheduler/tuner/samplers/stretch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fabric::tuner {

namespace {

coordinate stretched_log(const int_range& range, double u) {
  const double low = std::log(static_cast<double>(range.low) - 0.5);
  const double high = std::log(static_cast<double>(range.high) + 0.5);
  const double x = std::round(std::exp(low + u * (high - low)));
  if (x >= static_cast<double>(range.high)) return static_cast<coordinate>(range.high - range.low);
  return static_cast<coordinate>(std::max(static_cast<std::int64_t>(x), range.low) - range.low);
}

coordinate stretched_real(const float_range& range, double u) {
  // Weighted rather than low + u * (high - low), which overflows where the bounds are far apart.
  const auto between = [u](double low, double high) { return low * (1 - u) + high * u; };
  const double x = range.log ? std::exp(between(std::log(range.low), std::log(range.high)))
                             : between(range.low, range.high);
  const double inside = std::clamp(x, range.low, range.high);
  return std::bit_cast<coordinate>(inside == 0 ? 0.0 : inside);
}

/// u has 53 bits, so the product may round up to the count.
coordinate stretched_index(std::uint64_t count, double u) {
  const double x = u * static_cast<double>(count);
  return x >= static_cast<double>(count) ? count - 1
                                         : std::min(static_cast<coordinate>(x), count - 1);
}

}  // namespace

coordinate stretched(const parameter& p, double u) {
  if (const auto* whole = std::get_if<int_range>(&p.over); whole && whole->log)
    return stretched_log(*whole, u);
  if (const auto count = p.cardinality()) return stretched_index(*count, u);
  if (const auto* real = std::get_if<float_range>(&p.over)) return stretched_real(*real, u);
  return static_cast<coordinate>(u * 0x1p64);
}

}  // namespace fabric::tuner
