#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "scheduler/tuner/samplers/sequence.hpp"

namespace fabric::tuner {

/// One dimension of Sobol's sequence (Sobol', USSR Comp. Math. Math. Phys. 7, 1967; recurrence and
/// numbers of Joe and Kuo), as fractions of 2^32.
class sobol_dimension {
 public:
  /// Precondition: number < sobol_dimensions_max; 0 is van der Corput's sequence.
  explicit sobol_dimension(std::size_t number);

  /// Point `index` in plain binary order (not in Gray code).
  [[nodiscard]] std::uint32_t at(std::uint32_t index) const;

 private:
  std::array<std::uint32_t, 32> directions_{};
};

/// Each bit flipped at random by the seed and all bits above it: nested uniform scrambling (Owen,
/// 1995), which keeps every net a net and makes each point uniform.
std::uint32_t scrambled_bits(std::uint32_t x, std::uint64_t seed);

/// Points that fill the space more evenly than random ones: a scrambled Sobol sequence. The first
/// 2^k points put one into each of 2^k equal boxes of many shapes, so take a power of two. There
/// are 2^32 in all.
class sobol_sampler final : public sequence_sampler {
 public:
  /// Precondition: at most `sobol_dimensions_max` parameters.
  explicit sobol_sampler(const sampler_setup& how);

 private:
  [[nodiscard]] double fraction(std::uint64_t index, std::size_t parameter) const override;

  std::vector<sobol_dimension> dimensions_;
};

}  // namespace fabric::tuner
