#pragma once

#include "scheduler/tuner/samplers/random.hpp"

namespace fabric::tuner {

/// Points of a sequence of fractions (see `stretched`), the same for equal seeds. Each parameter
/// has its own dimension, whose fraction is not used where a point leaves the parameter out.
///
/// Among free points only, points of the sequence that are taken are passed over, so a resumed
/// study goes on where it stopped; where many in a row are taken, or the sequence has ended, a
/// random free one comes.
class sequence_sampler : public sampler {
 public:
  std::optional<point> propose(const ledger& points, freedom among) override;

 protected:
  /// `length`: of the sequence.
  sequence_sampler(const sampler_setup& how, std::uint64_t length);
  [[nodiscard]] std::uint64_t seed() const { return seed_; }

 private:
  /// In [0, 1), of one parameter of point `index`.
  [[nodiscard]] virtual double fraction(std::uint64_t index, std::size_t parameter) const = 0;
  point next();

  const space* over_;
  std::uint64_t seed_;
  std::uint64_t length_;
  std::uint64_t index_ = 0;
  random_sampler otherwise_;
};

}  // namespace fabric::tuner
