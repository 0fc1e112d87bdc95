/// Every piece of code in docs/api.md, compiled and run in one process. Prints what the page says.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fabric/coroutine.hpp>
#include <fabric/fabric.hpp>
#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

double branin(double x, double y) {
  const double a = y - 0.129 * x * x + 1.59 * x - 6;
  return a * a + 9.6 * std::cos(x) + 10;
}
FABRIC_FUNCTION(branin);

constexpr auto half = [](double x) { return x / 2; };
FABRIC_FUNCTION_AS("half", half);

struct order {
  std::string item;
  int count = 1;
  std::map<std::string, double> prices;
};
FABRIC_PACK(order, item, count, prices);

double total(const order& o) { return o.count * o.prices.at(o.item); }
FABRIC_FUNCTION(total);

int at_least_ten(int n) {
  if (n < 10) throw std::out_of_range("only " + std::to_string(n));
  return n;
}
FABRIC_FUNCTION(at_least_ten);

int wait_for_the_end(std::stop_token stop) {
  while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
  return 0;
}
FABRIC_FUNCTION(wait_for_the_end);

int sum_of(const std::vector<int>& numbers) {
  if (numbers.size() < 3) return std::accumulate(numbers.begin(), numbers.end(), 0);
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  auto session = fabric::this_session();
  auto left = session.submit(fabric::named<int(std::vector<int>)>("sum_of"),
                             std::vector<int>(numbers.begin(), middle));
  auto right = session.submit(fabric::named<int(std::vector<int>)>("sum_of"),
                              std::vector<int>(middle, numbers.end()));
  return left.get() + right.get();
}
FABRIC_FUNCTION(sum_of);

double mean(const fabric::view<std::vector<double>>& xs) {  // read where they lie
  return std::accumulate(xs.begin(), xs.end(), 0.0) / static_cast<double>(xs.size());
}
FABRIC_FUNCTION(mean);

fabric::object<std::vector<double>> ramp(int n) {
  std::vector<double> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1.0);
  return fabric::put(values);
}
FABRIC_FUNCTION(ramp);

fabric::async<double> half_of_branin(fabric::session& s, double x, double y) {
  const double value = co_await s.submit(branin, x, y);
  co_return co_await s.submit(half, value);
}

int main(int argc, char** argv) {
  fabric::session s = fabric::init(argc, argv);

  fabric::future<double> f = s.submit(branin, 1.0, 2.0);
  std::printf("%.3f\n", f.get());

  const std::vector<double> xs{0, 1, 2}, ys{3, 4, 5};
  for (double value : s.map(branin, xs, ys).get()) std::printf("%.3f ", value);
  std::printf("\n");

  auto o = s.submit(total, order{"tea", 3, {{"tea", 2.5}}});
  std::printf("%.1f\n", o.get());

  auto first = s.submit(branin, 1.0, 2.0);
  auto second = s.submit(half, first);  // starts when `first` is there
  std::printf("%.3f\n", second.get());

  auto careful = s.submit({.cpus = 2, .retries = 3, .time_limit = 5s}, branin, 1.0, 2.0);
  auto once = s.submit({.key = "order 17"}, total, order{"tea", 3, {{"tea", 2.5}}});
  auto later = s.submit({.after = {careful, once}}, half, 1.0);
  std::printf("%.1f\n", later.get());

  try {
    s.submit(at_least_ten, 3).get();
  } catch (const fabric::task_error& e) {
    std::printf("%s: %s: %s, attempt %u\n", std::string{name_of(e.kind())}.c_str(),
                e.type().c_str(), e.message().c_str(), e.attempt());
  }

  auto endless = s.submit(wait_for_the_end);
  if (!endless.wait_for(10ms)) endless.cancel();
  std::printf("%s\n", endless.wait_for(10s) && endless.error() != nullptr ? "cancelled" : "?");

  std::vector<fabric::future<double>> all{s.submit(half, 2.0), s.submit(half, 4.0)};
  double sum = 0;
  for (const auto& done : fabric::as_completed(all)) sum += done.get();
  auto both = fabric::when_all(all);
  auto twice = all[0].then([](double value) { return 2 * value; });
  std::printf("%.1f %zu %.1f\n", sum, both.get().size(), twice.get());

  std::printf("%d\n", s.submit(sum_of, std::vector<int>{1, 2, 3, 4, 5}).get());
  std::printf("%.3f\n", half_of_branin(s, 1, 2).get());

  const auto samples = s.put(std::vector<double>(1'000'000, 0.5));
  auto here = s.submit(mean, samples);
  auto there = s.submit(mean, s.submit(ramp, 1000));
  const fabric::view<std::vector<double>> seen = samples.get();  // no copy, whatever the size
  std::printf("%.1f %.1f %.1f\n", here.get(), there.get(), seen[999'999]);

  try {
    auto mine = s.put(seen.value());
  } catch (const fabric::object_error& e) {
    std::printf("%s\n", e.what());  // STORE_FULL: ... who has how much, and what to do
  }
}
