#include "tests/api/functions.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <numeric>
#include <stdexcept>

void fabric::packing<work::prickly>::pack(writer& to, const work::prickly& value) {
  if (value.throws_where == work::prickly::point::packed) throw std::logic_error("it pricks");
  if (value.throws_where == work::prickly::point::packed_number) throw 42;
  fabric::pack(to, value.throws_where);
}

work::prickly fabric::packing<work::prickly>::unpack(reader& from) {
  const work::prickly value{fabric::unpack<work::prickly::point>(from)};
  if (value.throws_where == work::prickly::point::unpacked) throw std::logic_error("it pricks");
  return value;
}

namespace work {

namespace {

std::mutex mutex;
std::condition_variable_any changed;
std::map<int, int> waiting;
std::map<int, bool> is_open;
std::atomic<int> running{0};
std::atomic<int> most{0};
fabric::session* session = nullptr;

}  // namespace

int add(int a, int b) { return a + b; }
int half_of(int even) {
  if (even % 2 != 0) throw std::domain_error("odd");
  return even / 2;
}
void nothing() {}
void throw_number() { throw 42; }
std::string shout(std::string_view text, const std::string& mark) {
  return std::string(text) + mark;
}
std::unique_ptr<int> boxed(int n) { return std::make_unique<int>(n); }
int unboxed(std::unique_ptr<int> box) { return *box; }
std::vector<double> doubled(const std::vector<double>& xs) {
  auto ys = xs;
  for (auto& y : ys) y *= 2;
  return ys;
}
std::string attempt_and_name() {
  const auto task = fabric::this_task();
  return std::string(task.name()) + " " + std::to_string(task.attempt());
}
std::uint32_t third_time() {
  if (fabric::this_task().attempt() < 3) throw std::runtime_error("not yet");
  return fabric::this_task().attempt();
}
int moved_twice(std::unique_ptr<int> box) {
  if (fabric::this_task().attempt() == 1) throw std::runtime_error("first");
  return *box;
}
bool until_stopped(std::stop_token stop, int) {
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [] { return false; });
  return stop.stop_requested();
}
int unregistered(int n) { return n; }

void hold(std::stop_token stop, int gate) {
  std::unique_lock lock(mutex);
  ++waiting[gate];
  changed.notify_all();
  changed.wait(lock, stop, [&] { return is_open[gate]; });
  --waiting[gate];
}
void open_gate(int gate) {
  const std::lock_guard lock(mutex);
  is_open[gate] = true;
  changed.notify_all();
}
int at_gate(int gate) {
  const std::lock_guard lock(mutex);
  return waiting[gate];
}
void wait_for(int gate, int n) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return waiting[gate] >= n; });
}

void use(fabric::session* s) { session = s; }
int sum_to(int n) { return n == 0 ? 0 : n + session->submit(sum_to, n - 1).get(); }
int fib(int n) {
  if (n < 2) return n;
  auto a = session->submit(fib, n - 1);
  auto b = session->submit(fib, n - 2);
  return a.get() + b.get();
}
double sum_of_values(const std::vector<double>& xs) {
  return std::accumulate(xs.begin(), xs.end(), 0.0);
}
double sum_of_view(const fabric::view<std::vector<double>>& xs) {
  return std::accumulate(xs.begin(), xs.end(), 0.0);
}
double sum_of_object(const fabric::object<std::vector<double>>& xs) {
  return sum_of_view(xs.get());
}
fabric::object<std::vector<double>> put_numbers(int n) {
  std::vector<double> xs(static_cast<std::size_t>(n));
  std::iota(xs.begin(), xs.end(), 1.0);
  return fabric::put(xs);
}
std::string long_text(std::size_t n) { return std::string(n, 'x'); }
std::size_t length_of(const std::string& text) { return text.size(); }

int wider(int n) {
  return n == 0 ? 0 : 1 + session->submit({.cpus = n % 2 == 0 ? 1.0 : 2.0}, wider, n - 1).get();
}
void count_me() {
  const auto now = ++running;
  for (auto seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) {
  }
  std::atomic<int> spin{0};
  while (++spin < 20000) {
  }
  --running;
}
int most_at_a_time() { return most.exchange(0); }

int take_prickly(prickly) { return 1; }
prickly give_prickly(prickly::point where) { return {where}; }
std::vector<std::unique_ptr<int>> boxes(int n) {
  std::vector<std::unique_ptr<int>> all;
  for (int i = 0; i < n; ++i) all.push_back(boxed(i));
  return all;
}

FABRIC_FUNCTION(add);
FABRIC_FUNCTION(half_of);
FABRIC_FUNCTION(nothing);
FABRIC_FUNCTION(throw_number);
FABRIC_FUNCTION(shout);
FABRIC_FUNCTION(boxed);
FABRIC_FUNCTION(unboxed);
FABRIC_FUNCTION(doubled);
FABRIC_FUNCTION(attempt_and_name);
FABRIC_FUNCTION(third_time);
FABRIC_FUNCTION(moved_twice);
FABRIC_FUNCTION(until_stopped);
FABRIC_FUNCTION(hold);
FABRIC_FUNCTION(sum_to);
FABRIC_FUNCTION(fib);
FABRIC_FUNCTION(wider);
FABRIC_FUNCTION(count_me);
FABRIC_FUNCTION(sum_of_values);
FABRIC_FUNCTION(sum_of_view);
FABRIC_FUNCTION(sum_of_object);
FABRIC_FUNCTION(put_numbers);
FABRIC_FUNCTION(long_text);
FABRIC_FUNCTION(length_of);
FABRIC_FUNCTION(take_prickly);
FABRIC_FUNCTION(give_prickly);
FABRIC_FUNCTION(boxes);
FABRIC_FUNCTION_AS("square", square);

}  // namespace work
