#include "resources/backoff.hpp"

#include <algorithm>

namespace fabric {

namespace {

/// The output function of SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195): each
/// bit of the input reaches each bit of the output.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// `first` doubled `times`, at most `longest`, without overflow.
duration doubled(duration first, std::uint32_t times, duration longest) {
  auto wait = std::min(first, longest);
  for (; times > 0 && wait < longest; --times)
    wait = wait > longest / 2 ? longest : std::min(wait * 2, longest);
  return wait;
}

}  // namespace

duration wait_before_retry(const backoff_policy& policy, std::uint32_t tries_made,
                           std::uint64_t seed) {
  if (policy.first <= duration{0} || policy.longest <= duration{0}) return duration{0};
  const auto full = doubled(policy.first, std::max(tries_made, 1U) - 1, policy.longest);
  const auto spread = static_cast<std::uint64_t>((full / 2).count()) + 1;
  const auto shaved = mixed(mixed(seed) ^ tries_made) % spread;
  return full - duration{static_cast<duration::rep>(shaved)};
}

}  // namespace fabric
