#include "bench/harness/actor_client.hpp"

#include "bench/harness/bench_case.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

int sum_of(const std::vector<actor<adder>>& whom) {
  int sum = 0;
  for (const auto& one : whom) sum += one.call(&adder::add, 0).get();
  return sum;
}

/// The rate of calls that `make` makes, the k-th to actor k modulo their number.
template <class Make>
double rate_of(const std::vector<actor<adder>>& whom, std::size_t count, const Make& make) {
  const int before = sum_of(whom);
  std::vector<future<int>> all;
  all.reserve(count);
  const auto start = timer::now();
  for (std::size_t i = 0; i < count; ++i) all.push_back(make(whom[i % whom.size()]));
  for (const auto& one : all) one.get();
  const double taken = seconds_since(start);
  require(sum_of(whom) >= before + static_cast<int>(count),
          "calls did not run");  // others call too
  return static_cast<double>(count) / taken;
}

}  // namespace

actor_client::actor_client(std::vector<actor<adder>> whom) : whom_(std::move(whom)) {
  sum_of(whom_);  // where it lives is known from then on
}

std::vector<double> actor_client::round_trips(std::size_t count) {
  std::vector<double> taken;
  taken.reserve(count);
  int last = whom_.front().call(&adder::add, 0).get();
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = timer::now();
    const int sum = whom_.front().call(&adder::add, 1).get();
    taken.push_back(seconds_since(start) * 1e6);
    require(sum > std::exchange(last, sum), "an actor's sum did not grow");
  }
  return taken;
}

double actor_client::rate(std::size_t count, std::size_t text_bytes) {
  if (text_bytes == 0)
    return rate_of(whom_, count, [](const actor<adder>& to) { return to.call(&adder::add, 1); });
  const std::string text(text_bytes, 'x');
  return rate_of(whom_, count,
                 [&](const actor<adder>& to) { return to.call(&adder::add_one_for, text); });
}

}  // namespace fabric::bench
