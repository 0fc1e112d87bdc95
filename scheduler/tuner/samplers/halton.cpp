#include "scheduler/tuner/samplers/halton.hpp"

#include <algorithm>
#include <limits>

namespace fabric::tuner {

namespace {

constexpr double below_one = 1 - 0x1p-53;

}  // namespace

std::vector<std::uint64_t> first_primes(std::size_t count) {
  std::vector<std::uint64_t> primes;
  for (std::uint64_t n = 2; primes.size() < count; ++n)
    if (std::ranges::none_of(primes, [n](auto p) { return n % p == 0; })) primes.push_back(n);
  return primes;
}

double radical_inverse(std::uint64_t index, std::uint64_t base) {
  double sum = 0;
  double weight = 1;
  for (; index > 0; index /= base) {
    weight /= static_cast<double>(base);
    sum += static_cast<double>(index % base) * weight;
  }
  return std::min(sum, below_one);
}

double scrambled_inverse(std::uint64_t index, std::uint64_t base, std::uint64_t seed) {
  double sum = 0;
  double weight = 1;
  std::uint64_t before = mixed(seed + base * golden_step);
  for (; weight > 0x1p-54; index /= base) {
    weight /= static_cast<double>(base);
    const std::uint64_t digit = index % base;
    sum += static_cast<double>(permutation{base, before}.at(digit)) * weight;
    before = mixed(before + (digit + 1) * golden_step);
  }
  return std::min(sum, below_one);
}

halton_sampler::halton_sampler(const sampler_setup& how)
    : sequence_sampler(how, std::numeric_limits<std::uint64_t>::max()),
      bases_(first_primes(how.over->parameters().size())) {}

double halton_sampler::fraction(std::uint64_t index, std::size_t parameter) const {
  return scrambled_inverse(index, bases_[parameter], seed());
}

}  // namespace fabric::tuner
