/// A program of actors that do what tests need done: each mode prints one line a result.
///     troupe MODE [ARGUMENT...] [--cluster FILE]
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fabric/fabric.hpp>
#include <future>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

/// Counts, and keeps its count over restarts.
class counter {
 public:
  explicit counter(int start) : value_(start) {
    if (start < 0) throw std::invalid_argument("negative");
  }
  int add(int n) { return value_ += n; }
  [[nodiscard]] int get() const { return value_; }
  [[nodiscard]] int process() const { return ::getpid(); }
  [[nodiscard]] unsigned life() const { return fabric::this_actor().life(); }
  [[nodiscard]] std::string where() const { return std::string{fabric::this_task().node()}; }
  int crash() { return ::raise(SIGSEGV); }
  void finish() { fabric::this_actor().stop(); }
  void break_down() { fabric::this_actor().fail("told to"); }
  int wait_until_stopped(std::stop_token stop) {
    while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
    return 1;
  }
  int wait_for_ever() {
    for (;;) std::this_thread::sleep_for(1h);
  }
  int add_to(const fabric::actor<counter>& other, int n) {
    return other.call(&counter::add, n).get();
  }
  std::string big(const std::string& text) { return text + text; }

  [[nodiscard]] int save() const { return value_; }
  void restore(int value) { value_ = value; }

 private:
  int value_;
};
FABRIC_ACTOR(counter, (int), add, get, process, life, where, crash, finish, break_down,
             wait_until_stopped, wait_for_ever, add_to, big);

/// Forgets, and calls back.
class relay {
 public:
  int twice_through(int n) {
    return fabric::this_session().submit(fabric::named<int(int)>("twice"), n).get();
  }
  int spawn_and_add(int n) {
    return fabric::this_session().spawn<counter>({}, 100).call(&counter::add, n).get();
  }
};
FABRIC_ACTOR(relay, (), twice_through, spawn_and_add);

/// Without a state that is kept: for figures.
class ticker {
 public:
  int next() { return ++n_; }

 private:
  int n_ = 0;
};
FABRIC_ACTOR(ticker, (), next);

int twice(int n) { return 2 * n; }
FABRIC_FUNCTION(twice);

int add_through(const fabric::actor<counter>& to, int n, int times) {
  int last = 0;
  for (int i = 0; i < times; ++i) last = to.call(&counter::add, n).get();
  return last;
}
FABRIC_FUNCTION(add_through);

using words = std::vector<std::string>;
using mode = void (*)(fabric::session&, const words&);

template <class T>
void print(const fabric::future<T>& of) {
  try {
    if constexpr (std::is_void_v<T>)
      of.get(), std::cout << "done" << std::endl;
    else
      std::cout << of.get() << std::endl;
  } catch (const fabric::error& e) {
    std::cout << name_of(e.kind()) << "|" << e.type() << "|" << e.message() << std::endl;
  }
}

template <class T>
void print_end(const fabric::actor<T>& of) {
  std::promise<fabric::gone> told;
  of.monitor([&](const fabric::gone& why) { told.set_value(why); });
  const auto why = told.get_future().get();
  std::cout << "gone|" << why.actor << "|" << name_of(why.reason) << "|" << why.restarts << "|"
            << why.what << std::endl;
}

void wait_for_line() {
  std::string line;
  std::getline(std::cin, line);
}

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

/// Counters under load until the standard input ends; then says of each what was told to be done,
/// what may have been, and what it holds.
void load(fabric::session& s, const words& w) {
  const auto count = std::stoul(w[0]);
  const double cpus = w.size() > 1 ? std::stod(w[1]) : 0;
  std::vector<fabric::actor<counter>> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(s.spawn<counter>({.cpus = cpus, .restarts = {.most = 50, .within = 60s}}, 0));
  for (const auto& c : all) static_cast<void>(c.call(&counter::get).get());
  struct tally {
    int done = 0, unknown = 0, other = 0, highest = 0;
  };
  std::vector<tally> tallies(count);
  std::atomic<bool> is_over{false};
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < count; ++i)
    callers.emplace_back([&, i] {
      auto& mine = tallies[i];
      while (!is_over) {
        std::vector<fabric::future<int>> some;
        for (int n = 0; n < 5; ++n) some.push_back(all[i].call(&counter::add, 1));
        for (const auto& f : some) try {
            const int value = f.get();
            ++mine.done;
            if (value <= mine.highest) ++mine.other;
            mine.highest = value;
          } catch (const fabric::error& e) {
            ++(e.kind() == fabric::error_kind::outcome_unknown ? mine.unknown : mine.other);
          }
        std::this_thread::sleep_for(1ms);
      }
    });
  std::cout << "calling" << std::endl;
  wait_for_line();
  is_over = true;
  for (auto& each : callers) each.join();
  for (std::size_t i = 0; i < count; ++i)
    std::cout << tallies[i].done << " " << tallies[i].unknown << " " << tallies[i].other << " "
              << all[i].call(&counter::get).get() << " " << all[i].life() << std::endl;
}

const std::map<std::string, mode> modes = {
    {"count",
     [](fabric::session& s, const words& w) {
       const auto c = s.spawn<counter>({}, std::stoi(w[0]));
       print(c.call(&counter::add, 5));
       print(c.call(&counter::add, 7));
       print(c.call(&counter::where));
     }},
    {"wrong",
     [](fabric::session& s, const words&) {
       const auto bad = s.spawn<counter>({.name = "bad"}, -1);
       print(bad.call(&counter::get));
       print_end(bad);
       const auto stopped = s.spawn<counter>({.restarts = {.most = 3}}, 1);
       print(stopped.call(&counter::finish));
       print_end(stopped);
       const auto broken = s.spawn<counter>({.restarts = {.most = 1}}, 1);
       print(broken.call(&counter::break_down));
       print(broken.call(&counter::break_down));
       print_end(broken);
       const auto large = s.spawn<counter>({.resources = {{"nosuch", 1.0}}}, 1);
       print_end(large);
     }},
    {"crash",
     [](fabric::session& s, const words&) {
       const auto c = s.spawn<counter>({.restarts = {.most = 1, .within = 60s}}, 1);
       print(c.call(&counter::add, 2));
       print(c.call(&counter::crash));
       print(c.call(&counter::add, 2));
       print(c.call(&counter::life));
       print(c.call(&counter::crash));
       print_end(c);
     }},
    {"kill",  // [anything]: also one whose method never ends
     [](fabric::session& s, const words& w) {
       const auto c = s.spawn<counter>({.name = "victim"}, 1);
       print(c.call(&counter::add, 2));
       const auto f = c.call(&counter::wait_until_stopped);
       c.kill();
       print(f);
       print_end(c);
       const auto own = s.spawn<counter>({.cpus = 1}, 5);
       print(own.call(&counter::add, 2));
       if (!w.empty()) static_cast<void>(own.call(&counter::wait_for_ever));
       own.kill();
       print_end(own);
       const auto next = s.spawn<counter>({.cpus = 1}, 7);
       print(next.call(&counter::add, 2));
     }},
    {"own",  // N actors, each with a CPU of its own
     [](fabric::session& s, const words& w) {
       std::vector<fabric::actor<counter>> all;
       for (int i = 0; i < std::stoi(w[0]); ++i) all.push_back(s.spawn<counter>({.cpus = 1}, i));
       std::vector<int> processes;
       for (const auto& c : all) processes.push_back(c.call(&counter::process).get());
       std::sort(processes.begin(), processes.end());
       std::cout << std::unique(processes.begin(), processes.end()) - processes.begin()
                 << std::endl;
     }},
    {"travel",
     [](fabric::session& s, const words&) {
       const auto c = s.spawn<counter>({}, 0);
       std::vector<fabric::future<int>> all;
       for (int i = 0; i < 4; ++i) all.push_back(s.submit(add_through, c, 1, 25));
       for (const auto& f : all) static_cast<void>(f.get());
       print(c.call(&counter::get));
       const auto other = s.spawn<counter>({}, 10);
       print(other.call(&counter::add_to, c, 5));
       const auto r = s.spawn<relay>();
       print(r.call(&relay::twice_through, 21));
       print(r.call(&relay::spawn_and_add, 11));
       print(c.call(&counter::big, std::string(5'000'000, 'x')).then([](const std::string& t) {
         return t.size();
       }));
     }},
    {"group",
     [](fabric::session& s, const words&) {
       const auto group = s.make_group(fabric::supervision::one_for_all, {.most = 1});
       const auto a = s.spawn<counter>({.group = group}, 1);
       const auto b = s.spawn<counter>({.cpus = 1, .group = group}, 2);
       print(b.call(&counter::add, 5));
       print(a.call(&counter::break_down));
       while (b.call(&counter::life).get() == 1) std::this_thread::sleep_for(1ms);
       print(b.call(&counter::life));
       print(a.call(&counter::break_down));
       print_end(a);
       print_end(b);
     }},
    {"timeout",
     [](fabric::session& s, const words&) {
       const auto c = s.spawn<counter>({}, 1);
       print(c.call({.timeout = 100ms}, &counter::wait_until_stopped));
       print(c.call(&counter::add, 1));
     }},
    {"many",
     [](fabric::session& s, const words& w) {
       std::vector<fabric::actor<counter>> all;
       for (int i = 0; i < std::stoi(w[0]); ++i) all.push_back(s.spawn<counter>({}, i));
       std::vector<fabric::future<int>> sums;
       for (const auto& c : all) sums.push_back(c.call(&counter::add, 1));
       long sum = 0;
       for (const auto& f : sums) sum += f.get();
       std::cout << sum << std::endl;
     }},
    {"named",  // NAME NAMESPACE: holds the name until a line comes
     [](fabric::session& s, const words& w) {
       try {
         const auto c =
             s.spawn<counter>({.name = w[0], .name_space = w[1], .restarts = {.most = 9}}, 10);
         print(c.call(&counter::add, 1));
         wait_for_line();
         print(c.call(&counter::get));
       } catch (const fabric::error& e) {
         std::cout << name_of(e.kind()) << std::endl;
       }
     }},
    {"detach",  // NAME NAMESPACE START [CPUS]: leaves it behind
     [](fabric::session& s, const words& w) {
       try {
         const auto c = s.spawn<counter>({.name = w[0],
                                          .name_space = w[1],
                                          .cpus = w.size() > 3 ? std::stod(w[3]) : 0,
                                          .life = fabric::lifetime::detached,
                                          .restarts = {.most = 3}},
                                         std::stoi(w[2]));
         print(c.call(&counter::add, 1));
       } catch (const fabric::error& e) {
         std::cout << name_of(e.kind()) << "|" << e.message() << std::endl;
       }
     }},
    {"ended",  // NAME NAMESPACE: finds it and says when it is gone
     [](fabric::session& s, const words& w) {
       const auto c = s.find_actor<counter>(w[0], w[1], 10s);
       print(c.call(&counter::add, 1));
       print_end(c);
       print(c.call(&counter::add, 1));
     }},
    {"add",  // NAME NAMESPACE N
     [](fabric::session& s, const words& w) {
       try {
         const auto c = s.find_actor<counter>(w[0], w[1], 5s);
         print(c.call(&counter::add, std::stoi(w[2])));
       } catch (const fabric::error& e) {
         std::cout << name_of(e.kind()) << std::endl;
       }
     }},
    {"kill-named",
     [](fabric::session& s, const words& w) {
       const auto c = s.find_actor<counter>(w[0], w[1], 5s);
       c.kill();
       print_end(c);
     }},
    {"load", load},
    {"rate",
     [](fabric::session& s, const words& w) {
       const auto c = s.spawn<ticker>();
       static_cast<void>(c.call(&ticker::next).get());
       const int n = std::stoi(w[0]);
       auto began = std::chrono::steady_clock::now();
       std::vector<fabric::future<int>> all;
       all.reserve(static_cast<std::size_t>(n));
       for (int i = 0; i < n; ++i) all.push_back(c.call(&ticker::next));
       for (const auto& f : all) static_cast<void>(f.get());
       std::cout << n / seconds_since(began) << " calls/s" << std::endl;
       std::vector<double> took;
       for (int i = 0; i < 2000; ++i) {
         began = std::chrono::steady_clock::now();
         static_cast<void>(c.call(&ticker::next).get());
         took.push_back(seconds_since(began) * 1e6);
       }
       std::sort(took.begin(), took.end());
       std::cout << took[took.size() / 2] << " us" << std::endl;
     }},
};

}  // namespace

int main(int argc, char** argv) {
  try {
    auto session = fabric::init(argc, argv);
    modes.at(argv[1])(session, words(argv + 2, argv + argc));
  } catch (const std::exception& e) {
    std::cerr << "troupe: " << e.what() << std::endl;
    return 1;
  }
}
