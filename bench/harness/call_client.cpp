#include "bench/harness/call_client.hpp"

#include <numeric>

#include "bench/harness/called.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

std::vector<int> numbers(std::size_t count) {
  std::vector<int> all(count);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

long sum_of_twice(std::size_t count) {
  const auto n = static_cast<long>(count);
  return n * (n - 1);
}

}  // namespace

call_client::call_client(const std::string& cluster_file, const settings& how)
    : session_(init({.cluster = cluster_file})), warm_seconds_(how.smoke ? 0 : 0.3) {}

void call_client::warm_up() {
  const auto start = timer::now();
  do {
    map_rate(1'000);
  } while (seconds_since(start) < warm_seconds_);
}

std::vector<double> call_client::round_trips(std::size_t count) {
  std::vector<double> taken;
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = timer::now();
    const int answer = session_.submit(twice, 21).get();
    taken.push_back(seconds_since(start) * 1e6);
    require(answer == 42, "a call gave another result");
  }
  return taken;
}

double call_client::submit_rate(std::size_t count) {
  std::vector<future<int>> all;
  all.reserve(count);
  const auto start = timer::now();
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(session_.submit(twice, static_cast<int>(i)));
  long sum = 0;
  for (const auto& one : all) sum += one.get();
  const double taken = seconds_since(start);
  require(sum == sum_of_twice(count), "results are missing");
  return static_cast<double>(count) / taken;
}

double call_client::map_rate(std::size_t count) {
  const auto given = numbers(count);
  const auto start = timer::now();
  long sum = 0;
  for (const auto& one : session_.map(twice, given)) sum += one.get();
  const double taken = seconds_since(start);
  require(sum == sum_of_twice(count), "results are missing");
  return static_cast<double>(count) / taken;
}

std::vector<double> call_client::round_trips_of(std::size_t bytes, std::size_t count) {
  const std::string text(bytes, 'x');
  std::vector<double> taken;
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = timer::now();
    const auto answer = session_.submit(echo, text).get();
    taken.push_back(seconds_since(start) * 1e6);
    require(answer.size() == bytes, "a text of another size came back");
  }
  return taken;
}

}  // namespace fabric::bench
