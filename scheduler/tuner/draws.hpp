#pragma once

#include <cstdint>

namespace fabric::tuner {

/// A bijection of 64-bit numbers that looks random: the finalizer of SplitMix64 (Steele, Lea,
/// Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014, with Stafford's mix 13).
constexpr std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// The fraction of the golden ratio, odd: SplitMix64's step from state to state.
inline constexpr std::uint64_t golden_step = 0x9E3779B97F4A7C15ULL;

/// Random numbers from a seed: SplitMix64. The standard library's distributions give other numbers
/// in each library, these are the same everywhere.
class draws {
 public:
  /// Streams of one seed are independent of each other.
  constexpr draws(std::uint64_t seed, std::uint64_t stream)
      : state_(mixed(mixed(seed + golden_step) ^ (stream * 0xD1342543DE82EF95ULL))) {}

  constexpr std::uint64_t next() { return mixed(state_ += golden_step); }

  /// In [0, 1), in steps of 2^-53.
  constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// In [0, bound) without bias. Precondition: bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t unfair = (0 - bound) % bound;  // 2^64 mod bound: as many are rejected
    std::uint64_t x = next();
    while (x < unfair) x = next();
    return x % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace fabric::tuner
