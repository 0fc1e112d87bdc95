#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "scheduler/tuner/samplers/random.hpp"

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
/// 2^k points put one into each of 2^k equal boxes of many shapes, so take a power of two.
///
/// Among free points only, points of the sequence that are taken are passed over, so a resumed
/// study goes on where it stopped; where many in a row are taken, or the 2^32 are used up, a random
/// free one comes.
class sobol_sampler final : public sampler {
 public:
  /// Precondition: at most `sobol_dimensions_max` parameters.
  explicit sobol_sampler(const sampler_setup& how);

  std::optional<point> propose(const ledger& points, freedom among) override;

 private:
  point next();

  const space* over_;
  std::uint64_t seed_;
  std::vector<sobol_dimension> dimensions_;
  std::uint32_t index_ = 0;
  bool is_over_ = false;
  random_sampler otherwise_;
};

}  // namespace fabric::tuner
