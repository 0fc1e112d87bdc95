#include "scheduler/tuner/permutation.hpp"

#include <bit>

#include "scheduler/tuner/draws.hpp"

namespace fabric::tuner {

namespace {

unsigned half_bits_of(std::uint64_t size) {
  const auto bits = static_cast<unsigned>(std::bit_width(size - 1));
  return bits < 2 ? 1 : (bits + 1) / 2;
}

}  // namespace

permutation::permutation(std::uint64_t size, std::uint64_t seed)
    : size_(size), half_bits_(half_bits_of(size)) {
  draws keys(seed, size);
  for (auto& key : round_keys_) key = keys.next();
}

std::uint64_t permutation::at(std::uint64_t index) const {
  auto x = scrambled(index);
  while (x >= size_) x = scrambled(x);
  return x;
}

std::uint64_t permutation::scrambled(std::uint64_t x) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  std::uint64_t left = x >> half_bits_;
  std::uint64_t right = x & mask;
  for (const auto key : round_keys_) {
    const auto next = left ^ (mixed(right ^ key) & mask);
    left = right;
    right = next;
  }
  return left << half_bits_ | right;
}

}  // namespace fabric::tuner
