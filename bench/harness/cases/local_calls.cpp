#include <functional>
#include <future>
#include <numeric>
#include <thread>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/called.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/thread_queue.hpp"

namespace fabric::bench {

namespace {

using numbers = std::vector<int>;

constexpr aim task_aim{aim::measure::value, aim::side::at_most, 2};

/// Microseconds of each of `count` calls, made and awaited one after the other.
std::vector<double> one_by_one(std::size_t count, const std::function<int(int)>& call) {
  std::vector<double> taken;
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = timer::now();
    const int answer = call(21);
    taken.push_back(seconds_since(start) * 1e6);
    require(answer == 42, "a call gave another result");
  }
  return taken;
}

/// Microseconds of a call, where `all` makes a call of each number and answers the sum.
double each(const numbers& given, const std::function<long(const numbers&)>& all) {
  const auto start = timer::now();
  const long sum = all(given);
  const double taken = seconds_since(start);
  require(sum == 2L * std::accumulate(given.begin(), given.end(), 0L), "results are missing");
  return taken * 1e6 / static_cast<double>(given.size());
}

long called_here(const numbers& given) {
  std::function<int(int)> call = &twice;
  const std::function<int(int)>* volatile hidden = &call;  // so that it is not seen through
  long sum = 0;
  for (const int n : given) sum += (*hidden)(n);
  return sum;
}

long by_queue(thread_queue& queue, const numbers& given) {
  std::vector<std::future<int>> all;
  all.reserve(given.size());
  for (const int n : given) {
    auto done = std::make_shared<std::promise<int>>();
    all.push_back(done->get_future());
    queue.push([done, n] { done->set_value(twice(n)); });
  }
  long sum = 0;
  for (auto& one : all) sum += one.get();
  return sum;
}

long by_submit(session& s, const numbers& given) {
  std::vector<future<int>> all;
  all.reserve(given.size());
  for (const int n : given) all.push_back(s.submit(twice, n));
  long sum = 0;
  for (const auto& one : all) sum += one.get();
  return sum;
}

long by_map(session& s, const numbers& given) {
  long sum = 0;
  for (const auto& one : s.map(twice, given)) sum += one.get();
  return sum;
}

measurement measure_one_by_one(const settings& how, session& s, thread_queue& queue) {
  const std::size_t count = how.smoke ? 50 : 5'000;
  std::vector<double> all;
  paired taken;
  for (int i = 0; i < (how.smoke ? 1 : 9); ++i) {
    taken.floor.push_back(median(one_by_one(count, [&](int n) {
      std::promise<int> done;
      queue.push([&done, n] { done.set_value(twice(n)); });
      return done.get_future().get();
    })));
    const auto ours = one_by_one(count, [&](int n) { return s.submit(twice, n).get(); });
    taken.ours.push_back(median(ours));
    all.insert(all.end(), ours.begin(), ours.end());
  }
  measurement m{.case_name = "local_calls", .figure = "submit and get, p50", .unit = "us"};
  fill(m, taken);
  m.floor_name = "std::function by a queue to a thread, and its std::future";
  m.p99 = percentile(all, 0.99);
  m.p99_unit = "us";
  return m;
}

}  // namespace

std::vector<measurement> local_calls(const settings& how) {
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  session s = init({.cpus = static_cast<double>(threads)});
  thread_queue queue{threads};
  numbers given(how.smoke ? 1'000 : 100'000);
  std::iota(given.begin(), given.end(), 0);
  const auto many = "of " + std::to_string(given.size()) + " calls";
  const int repetitions = how.smoke ? 1 : 9;
  const auto measure = [&](const std::string& figure, auto floor, const char* floor_name,
                           auto ours) {
    measurement m{.case_name = "local_calls", .figure = figure, .unit = "us"};
    fill(m,
         take_in_turn(
             repetitions, [&] { return each(given, floor); }, [&] { return each(given, ours); }));
    m.floor_name = floor_name;
    m.extra["calls"] = static_cast<double>(given.size());
    return m;
  };
  const auto queued = [&](const numbers& n) { return by_queue(queue, n); };
  const auto submitted = [&](const numbers& n) { return by_submit(s, n); };
  const auto mapped = [&](const numbers& n) { return by_map(s, n); };
  constexpr const char* queue_name = "std::function by a queue to threads, and std::futures";
  std::vector<measurement> all{
      measure_one_by_one(how, s, queue),
      measure("map " + many + ", each", queued, queue_name, mapped),
      measure("map " + many + ", each", called_here, "a std::function called here", mapped),
      measure("submit " + many + ", each", queued, queue_name, submitted)};
  all[1].wanted = task_aim;
  all[3].wanted = task_aim;
  return all;
}

}  // namespace fabric::bench
