#include "scheduler/tuner/samplers/normal.hpp"

#include <cmath>
#include <numbers>

namespace fabric::tuner {

namespace {

/// The mass above x.
double upper_tail(double x) { return std::erfc(x / std::numbers::sqrt2) / 2; }

}  // namespace

double normal_mass(double low, double high) {
  // Differences of tails, so that nothing is lost next to one.
  if (low >= 0) return upper_tail(low) - upper_tail(high);
  if (high <= 0) return upper_tail(-high) - upper_tail(-low);
  // A tail beyond is less than half of the last bit of one.
  constexpr double whole = 9;
  const double above = high < whole ? upper_tail(high) : 0;
  const double below = -low < whole ? upper_tail(-low) : 0;
  return 1 - above - below;
}

double draw_normal(draws& from) {
  for (;;) {
    const double x = 2 * from.unit() - 1;
    const double y = 2 * from.unit() - 1;
    const double square = x * x + y * y;
    if (square > 0 && square < 1) return x * std::sqrt(-2 * std::log(square) / square);
  }
}

}  // namespace fabric::tuner
