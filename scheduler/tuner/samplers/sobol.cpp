#include "scheduler/tuner/samplers/sobol.hpp"

#include <bit>

#include "scheduler/tuner/samplers/sobol_numbers.hpp"
#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

/// Taken points in a row before a random free one is looked for.
constexpr std::uint64_t taken_max = 32;

}  // namespace

sobol_dimension::sobol_dimension(std::size_t number) {
  constexpr std::size_t bits = 32;
  if (number == 0) {
    for (std::size_t i = 0; i < bits; ++i) directions_[i] = std::uint32_t{1} << (bits - 1 - i);
    return;
  }
  const auto& [polynomial, first] = joe_kuo[number - 1];
  const auto degree = static_cast<std::size_t>(std::bit_width(polynomial)) - 1;
  for (std::size_t i = 0; i < bits; ++i) {
    if (i < degree) {
      directions_[i] = first[i] << (bits - 1 - i);
      continue;
    }
    auto v = directions_[i - degree] ^ (directions_[i - degree] >> degree);
    for (std::size_t k = 1; k < degree; ++k)
      if ((polynomial >> (degree - k) & 1) != 0) v ^= directions_[i - k];
    directions_[i] = v;
  }
}

std::uint32_t sobol_dimension::at(std::uint32_t index) const {
  std::uint32_t x = 0;
  for (std::size_t i = 0; index != 0; index >>= 1, ++i)
    if ((index & 1) != 0) x ^= directions_[i];
  return x;
}

std::uint32_t scrambled_bits(std::uint32_t x, std::uint64_t seed) {
  std::uint32_t flips = 0;
  std::uint64_t above = mixed(seed + golden_step);
  for (std::uint32_t bit = std::uint32_t{1} << 31; bit != 0; bit >>= 1) {
    if ((above >> 63) != 0) flips |= bit;
    above = mixed(above + ((x & bit) != 0 ? 2 : 1) * golden_step);
  }
  return x ^ flips;
}

sobol_sampler::sobol_sampler(const sampler_setup& how)
    : over_(how.over), seed_(how.seed), otherwise_(how) {
  for (std::size_t i = 0; i < how.over->parameters().size(); ++i) dimensions_.emplace_back(i);
}

std::optional<point> sobol_sampler::propose(const ledger& points, freedom among) {
  if (among == freedom::any && !is_over_) return next();
  // In an endless space all that is taken may be this sequence's own start, before a resume.
  std::uint64_t tries = taken_max + (over_->size() ? 0 : points.touched());
  for (; tries > 0 && !is_over_; --tries) {
    auto p = next();
    if (points.is_free(p)) return p;
  }
  return otherwise_.propose(points, among);
}

point sobol_sampler::next() {
  point p;
  p.reserve(dimensions_.size());
  for (std::size_t i = 0; i < dimensions_.size(); ++i) {
    const auto seed = mixed(seed_ + (i + 1) * golden_step);
    const double u = static_cast<double>(scrambled_bits(dimensions_[i].at(index_), seed)) * 0x1p-32;
    p.push_back(stretched(over_->parameters()[i], u));
  }
  is_over_ = ++index_ == 0;
  return p;
}

}  // namespace fabric::tuner
