#include "scheduler/tuner/samplers/stretch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fabric::tuner {

namespace {

/// The logarithms of an int range's ends, half a unit out.
struct log_ends {
  double low;
  double high;

  explicit log_ends(const int_range& range)
      : low(std::log(static_cast<double>(range.low) - 0.5)),
        high(std::log(static_cast<double>(range.high) + 0.5)) {}
};

coordinate stretched_log(const int_range& range, double u) {
  const log_ends ends(range);
  const double x = std::round(std::exp(ends.low + u * (ends.high - ends.low)));
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

stretch_cell log_cell(const int_range& range, coordinate c) {
  const log_ends ends(range);
  const double x = static_cast<double>(range.low) + static_cast<double>(c);
  const auto fraction = [&](double at) {
    return std::clamp((std::log(at) - ends.low) / (ends.high - ends.low), 0.0, 1.0);
  };
  return {fraction(x - 0.5), fraction(x), fraction(x + 0.5)};
}

stretch_cell index_cell(double count, coordinate c) {
  const auto index = static_cast<double>(c);
  return {index / count, (index + 0.5) / count, std::min((index + 1) / count, 1.0)};
}

stretch_cell real_cell(const float_range& range, double x) {
  // Halves, because the whole width may be too large for a double.
  const auto fraction = [x](double low, double high) {
    return std::clamp((x / 2 - low / 2) / (high / 2 - low / 2), 0.0, 1.0);
  };
  double u = fraction(range.low, range.high);
  if (range.log) {
    const double low = std::log(range.low);
    u = std::clamp((std::log(x) - low) / (std::log(range.high) - low), 0.0, 1.0);
  }
  return {u, u, u};
}

}  // namespace

coordinate stretched(const parameter& p, double u) {
  if (const auto* whole = std::get_if<int_range>(&p.over); whole && whole->log)
    return stretched_log(*whole, u);
  if (const auto count = p.cardinality()) return stretched_index(*count, u);
  if (const auto* real = std::get_if<float_range>(&p.over)) return stretched_real(*real, u);
  return static_cast<coordinate>(u * 0x1p64);
}

coordinate stretched_within(const parameter& p, double u) {
  constexpr double below_one = 1 - 0x1p-53;
  return stretched(p, std::clamp(u, 0.0, below_one));
}

stretch_cell cell_of(const parameter& p, coordinate c) {
  if (const auto* whole = std::get_if<int_range>(&p.over); whole && whole->log)
    return log_cell(*whole, c);
  if (const auto count = p.cardinality()) return index_cell(static_cast<double>(*count), c);
  if (const auto* real = std::get_if<float_range>(&p.over))
    return real_cell(*real, std::bit_cast<double>(c));
  return index_cell(0x1p64, c);
}

}  // namespace fabric::tuner
