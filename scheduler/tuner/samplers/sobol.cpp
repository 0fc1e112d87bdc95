#include "scheduler/tuner/samplers/sobol.hpp"

#include <bit>

#include "scheduler/tuner/samplers/sobol_numbers.hpp"

namespace fabric::tuner {

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
    : sequence_sampler(how, std::uint64_t{1} << 32) {
  for (std::size_t i = 0; i < how.over->parameters().size(); ++i) dimensions_.emplace_back(i);
}

double sobol_sampler::fraction(std::uint64_t index, std::size_t parameter) const {
  const auto own_seed = mixed(seed() + (parameter + 1) * golden_step);
  const auto x = dimensions_[parameter].at(static_cast<std::uint32_t>(index));
  return static_cast<double>(scrambled_bits(x, own_seed)) * 0x1p-32;
}

}  // namespace fabric::tuner
