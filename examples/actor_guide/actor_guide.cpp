/// The code of docs/actors.md, piece by piece.
#include <chrono>
#include <cstdio>
#include <fabric/fabric.hpp>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

class counter {
 public:
  explicit counter(int start) : value_(start) {
    if (start < 0) throw std::invalid_argument("negative");
  }
  int add(int n) { return value_ += n; }
  int get() const { return value_; }

 private:
  int value_;
};
FABRIC_ACTOR(counter, (int), add, get);

class ledger {
 public:
  int book(int amount) { return sum_ += amount; }
  void close_day() {
    if (sum_ < 0) fabric::this_actor().fail("a debt of " + std::to_string(-sum_));
  }
  int save() const { return sum_; }
  void restore(int sum) { sum_ = sum; }

 private:
  int sum_ = 0;
};
FABRIC_ACTOR(ledger, (), book, close_day);

int add_ten_times(const fabric::actor<counter>& to) {
  int last = 0;
  for (int i = 0; i < 10; ++i) last = to.call(&counter::add, 1).get();
  return last;
}
FABRIC_FUNCTION(add_ten_times);

class clerk {
 public:
  explicit clerk(fabric::actor<counter> tally) : tally_(std::move(tally)) {}
  int serve(int customers) { return tally_.call(&counter::add, customers).get(); }

 private:
  fabric::actor<counter> tally_;
};
FABRIC_ACTOR(clerk, (fabric::actor<counter>), serve);

int main(int argc, char** argv) {
  fabric::session s = fabric::init(argc, argv);

  fabric::actor<counter> c = s.spawn<counter>({}, 40);
  fabric::future<int> f = c.call(&counter::add, 2);
  std::printf("%d\n", f.get());

  std::printf("%d\n", s.submit(add_ten_times, c).get());
  auto desk = s.spawn<clerk>({}, c);
  std::printf("%d\n", desk.call(&clerk::serve, 8).get());

  auto hits = s.spawn<counter>({.name = "hits", .name_space = "shop"}, 0);
  auto found = s.find_actor<counter>("hits", "shop", 5s);
  std::printf("%s %d\n", found.name().c_str(), found.call(&counter::add, 1).get());

  try {
    s.spawn<counter>({.name = "hits", .name_space = "shop"}, 0);
  } catch (const fabric::usage_error& e) {
    std::printf("%s\n", std::string{name_of(e.kind())}.c_str());
  }

  auto busy = s.spawn<counter>({.pending_max = 100}, 0);
  for (int i = 0; i < 1000; ++i) (void)busy.call(&counter::add, 1);  // waits where 100 are open
  auto quick = busy.call({.timeout = 5s, .full = fabric::when_full::wait}, &counter::get);
  std::printf("%d\n", quick.get());

  auto books = s.spawn<ledger>({.restarts = {.most = 3, .within = 60s}});
  books.call(&ledger::book, -5).get();
  books.call(&ledger::close_day).get();
  const int sum = books.call(&ledger::book, 7).get();
  std::printf("%d, life %u\n", sum, books.life());

  auto shift = s.make_group(fabric::supervision::one_for_all, {.most = 3, .within = 60s});
  auto till = s.spawn<ledger>({.group = shift});
  auto safe = s.spawn<ledger>({.group = shift});

  auto bad = s.spawn<counter>({.name = "bad"}, -1);
  std::promise<fabric::gone> told;
  bad.monitor([&](const fabric::gone& why) { told.set_value(why); });
  const fabric::gone why = told.get_future().get();
  std::printf("%s: %s: %s\n", why.actor.c_str(), std::string{name_of(why.reason)}.c_str(),
              why.what.c_str());
  try {
    bad.call(&counter::get).get();
  } catch (const fabric::actor_error& e) {
    std::printf("%s\n", std::string{name_of(e.kind())}.c_str());
  }

  hits.kill();
}
