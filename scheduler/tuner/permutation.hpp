#pragma once

#include <array>
#include <cstdint>

namespace fabric::tuner {

/// A seeded random order of 0 .. size - 1 that needs no table: member k costs a few nanoseconds,
/// whatever the size. A balanced Feistel network (Luby, Rackoff 1988) permutes the smallest 2^2h
/// that holds the range; what falls outside is sent through again until it falls inside ("cycle
/// walking", Black, Rogaway: "Ciphers with arbitrary finite domains", CT-RSA 2002), in under 4
/// turns on average. Not a secret: an order for samples, not a cipher.
class permutation {
 public:
  /// Precondition: size >= 1.
  permutation(std::uint64_t size, std::uint64_t seed);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Precondition: index < size().
  [[nodiscard]] std::uint64_t at(std::uint64_t index) const;

 private:
  [[nodiscard]] std::uint64_t scrambled(std::uint64_t x) const;

  std::uint64_t size_;
  unsigned half_bits_;
  std::array<std::uint64_t, 8> round_keys_{};
};

}  // namespace fabric::tuner
