#pragma once

#include <vector>

#include "scheduler/tuner/samplers/sequence.hpp"

namespace fabric::tuner {

/// The first `count` primes.
std::vector<std::uint64_t> first_primes(std::size_t count);

/// The digits of `index` in `base`, mirrored at the point (Halton, Numerische Mathematik 2, 1960),
/// in [0, 1). Precondition: base >= 2.
double radical_inverse(std::uint64_t index, std::uint64_t base);

/// The same with each digit permuted by a random permutation that hangs on the seed and on all
/// digits before it: nested scrambling (Owen, 1995). Shifts would be cheaper, but leave the first
/// points of large primes in a row: with 20 parameters worse than random.
/// Each of the base^k intervals of length base^-k still holds one of each base^k points in a row.
double scrambled_inverse(std::uint64_t index, std::uint64_t base, std::uint64_t seed);

/// Points that fill the space more evenly than random ones: a scrambled Halton sequence, one prime
/// a parameter.
class halton_sampler final : public sequence_sampler {
 public:
  explicit halton_sampler(const sampler_setup& how);

 private:
  [[nodiscard]] double fraction(std::uint64_t index, std::size_t parameter) const override;

  std::vector<std::uint64_t> bases_;
};

}  // namespace fabric::tuner
