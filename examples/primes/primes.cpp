/// Counts the primes up to N by sieving pieces of the range, each a call of its own, in this
/// process or on a cluster:
///     primes 1000000000
///     primes 1000000000 --cluster cluster.json
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fabric/fabric.hpp>
#include <vector>

namespace {

using number = std::uint64_t;

/// Primes up to `most`, by the sieve of Eratosthenes.
std::vector<number> small_primes(number most) {
  std::vector<bool> is_composite(most + 1);
  std::vector<number> primes;
  for (number n = 2; n <= most; ++n) {
    if (is_composite[n]) continue;
    primes.push_back(n);
    for (number multiple = n * n; multiple <= most; multiple += n) is_composite[multiple] = true;
  }
  return primes;
}

/// How many primes are in [from, to).
number count_primes(number from, number to) {
  std::vector<bool> is_composite(to - from);
  for (const number p : small_primes(static_cast<number>(std::sqrt(static_cast<double>(to))) + 1)) {
    const number first = std::max(p * p, (from + p - 1) / p * p);
    for (number multiple = first; multiple < to; multiple += p)
      is_composite[multiple - from] = true;
  }
  number count = 0;
  for (number n = std::max<number>(from, 2); n < to; ++n) count += is_composite[n - from] ? 0 : 1;
  return count;
}
FABRIC_FUNCTION(count_primes);

}  // namespace

int main(int argc, char** argv) {
  auto session = fabric::init(argc, argv);
  const number most = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000'000;
  const number piece = std::max<number>(1'000, most / 200);
  std::vector<number> from, to;
  for (number at = 0; at <= most; at += piece) {
    from.push_back(at);
    to.push_back(std::min(at + piece, most + 1));
  }
  number sum = 0;
  for (const number count : session.map({.retries = 2}, count_primes, from, to).get()) sum += count;
  std::printf("%llu\n", static_cast<unsigned long long>(sum));
}
