#include "scheduler/tuner/samplers/halton.hpp"

#include <algorithm>

#include "scheduler/tuner/samplers/stretch.hpp"

namespace fabric::tuner {

namespace {

/// Taken points in a row before a random free one is looked for.
constexpr std::uint64_t taken_max = 32;

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
    : over_(how.over),
      seed_(how.seed),
      bases_(first_primes(how.over->parameters().size())),
      otherwise_(how) {}

std::optional<point> halton_sampler::propose(const ledger& points, freedom among) {
  if (among == freedom::any) return next();
  // In an endless space all that is taken may be this sequence's own start, before a resume.
  std::uint64_t tries = taken_max + (over_->size() ? 0 : points.touched());
  for (; tries > 0; --tries) {
    auto p = next();
    if (points.is_free(p)) return p;
  }
  return otherwise_.propose(points, among);
}

point halton_sampler::next() {
  point p;
  p.reserve(bases_.size());
  for (std::size_t i = 0; i < bases_.size(); ++i)
    p.push_back(stretched(over_->parameters()[i], scrambled_inverse(index_, bases_[i], seed_)));
  ++index_;
  return p;
}

}  // namespace fabric::tuner
