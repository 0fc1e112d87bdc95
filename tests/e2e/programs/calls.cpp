/// A program of functions that do what tests need done: each mode prints one line a result.
///     calls MODE [ARGUMENT...] [--cluster FILE]
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fabric/fabric.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

int nothing() { return 0; }
FABRIC_FUNCTION(nothing);

int twice(int n) { return 2 * n; }
FABRIC_FUNCTION(twice);

int process() { return ::getpid(); }
FABRIC_FUNCTION(process);

int throw_out_of_range(int n) { throw std::out_of_range("no " + std::to_string(n)); }
FABRIC_FUNCTION(throw_out_of_range);

int throw_a_number() { throw 7; }
FABRIC_FUNCTION(throw_a_number);

/// Dies of SIGSEGV the first `times` times that it runs; counts in a file.
int crash_first(std::string counter, int times) {
  int made = 0;
  std::ifstream{counter} >> made;
  std::ofstream{counter} << made + 1;
  if (made < times) ::raise(SIGSEGV);
  return made;
}
FABRIC_FUNCTION(crash_first);

/// Appends a line to a file, when it starts and when it ends: a ledger that tells of overlaps.
int entry(std::string ledger, int n, int ms) {
  const auto line = [&](const char* what) {
    const std::string text = std::string{what} + " " + std::to_string(n) + "\n";
    std::FILE* file = std::fopen(ledger.c_str(), "a");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  };
  line("start");
  std::this_thread::sleep_for(std::chrono::milliseconds{ms});
  line("end");
  return n;
}
FABRIC_FUNCTION(entry);

/// Says which run it was: no two answer the same.
std::string stamp(std::string ledger, int n, int ms) {
  entry(std::move(ledger), n, ms);
  return std::to_string(::getpid()) + " " +
         std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
}
FABRIC_FUNCTION(stamp);

int until_stopped(std::stop_token stop) {
  while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
  return 1;
}
FABRIC_FUNCTION(until_stopped);

int for_ever() {
  for (;;) std::this_thread::sleep_for(1h);
}
FABRIC_FUNCTION(for_ever);

std::string echo(std::string text) { return text; }
FABRIC_FUNCTION(echo);

std::string where() { return std::string{fabric::this_task().node()}; }
FABRIC_FUNCTION(where);

int sum_to(int n) {
  if (n == 0) return 0;
  auto session = fabric::this_session();
  return n + session.submit(fabric::named<int(int)>("sum_to"), n - 1).get();
}
FABRIC_FUNCTION(sum_to);

/// A chain of calls, each of which writes into a ledger and waits for the next.
int slow_chain(std::string ledger, int n, int ms) {
  entry(ledger, n, ms);
  if (n == 0) return 0;
  auto session = fabric::this_session();
  return 1 +
         session.submit(fabric::named<int(std::string, int, int)>("slow_chain"), ledger, n - 1, ms)
             .get();
}
FABRIC_FUNCTION(slow_chain);

/// Calls another with a demand of its own.
int wider(int n) {
  auto session = fabric::this_session();
  return session.submit({.cpus = 2}, twice, n).get();
}
FABRIC_FUNCTION(wider);

using words = std::vector<std::string>;
using mode = void (*)(fabric::session&, const words&);

/// What became of a future, in one line.
template <class T>
void print(const fabric::future<T>& of) {
  try {
    std::cout << of.get() << std::endl;
  } catch (const fabric::error& e) {
    std::cout << name_of(e.kind()) << "|" << e.type() << "|" << e.message() << "|" << e.attempt()
              << std::endl;
  }
}

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

const std::map<std::string, mode> modes = {
    {"twice", [](fabric::session& s, const words& w) { print(s.submit(twice, std::stoi(w[0]))); }},
    {"throw", [](fabric::session& s, const words&) { print(s.submit(throw_out_of_range, 3)); }},
    {"throw-number", [](fabric::session& s, const words&) { print(s.submit(throw_a_number)); }},
    {"unknown",
     [](fabric::session& s, const words&) {
       print(s.submit(fabric::named<int(int)>("no_such_function"), 3));
     }},
    {"wrong-shape",
     [](fabric::session& s, const words&) {
       print(s.submit(fabric::named<int(std::string)>("twice"), std::string{"three"}));
     }},
    {"wrong-result",
     [](fabric::session& s, const words&) {
       print(s.submit(fabric::named<std::string(int)>("twice"), 3));
     }},
    {"crash", [](fabric::session& s,
                 const words& w) { print(s.submit(crash_first, w[0], std::stoi(w[1]))); }},
    {"nested",
     [](fabric::session& s, const words& w) { print(s.submit(sum_to, std::stoi(w[0]))); }},
    {"slow-nested",  // FILE DEPTH MS
     [](fabric::session& s, const words& w) {
       print(s.submit(slow_chain, w[0], std::stoi(w[1]), std::stoi(w[2])));
     }},
    {"wider", [](fabric::session& s, const words& w) { print(s.submit(wider, std::stoi(w[0]))); }},
    {"where", [](fabric::session& s, const words&) { print(s.submit(where)); }},
    {"demand",
     [](fabric::session& s, const words& w) {
       print(s.submit({.resources = {{w[0], 1.0}}}, nothing));
     }},
    {"big",
     [](fabric::session& s, const words& w) {
       const std::string text(std::stoul(w[0]), 'x');
       std::cout << s.submit(echo, text).get().size() << std::endl;
     }},
    {"stop",
     [](fabric::session& s, const words&) {
       auto f = s.submit(until_stopped);
       while (f.status() != fabric::call_status::running) std::this_thread::sleep_for(1ms);
       f.cancel();
       print(f);
       print(s.submit(twice, 1));
     }},
    {"kill",
     [](fabric::session& s, const words&) {
       auto f = s.submit(for_ever);
       while (f.status() != fabric::call_status::running) std::this_thread::sleep_for(1ms);
       f.cancel(fabric::kill::hard);
       print(f);
       print(s.submit(twice, 1));
     }},
    {"limit",
     [](fabric::session& s, const words&) { print(s.submit({.time_limit = 100ms}, for_ever)); }},
    {"shapes",  // as many calls, of which no two can share a worker
     [](fabric::session& s, const words& w) {
       std::vector<fabric::future<int>> all;
       for (int i = 0; i < std::stoi(w[0]); ++i) all.push_back(s.submit({.priority = i}, twice, i));
       for (const auto& f : all) print(f);
     }},
    {"ledger",  // FILE CALLS MS: every result once, or what became of it
     [](fabric::session& s, const words& w) {
       std::vector<fabric::future<int>> all;
       for (int i = 0; i < std::stoi(w[1]); ++i)
         all.push_back(
             s.submit({.key = "entry " + std::to_string(i)}, entry, w[0], i, std::stoi(w[2])));
       std::cout << "submitted" << std::endl;
       for (const auto& f : all) print(f);
     }},
    {"keyed",  // FILE KEYS TIMES MS: of each key, how many different results its calls gave
     [](fabric::session& s, const words& w) {
       std::vector<std::vector<fabric::future<std::string>>> all(std::stoul(w[1]));
       for (int time = 0; time < std::stoi(w[2]); ++time) {
         for (std::size_t n = 0; n < all.size(); ++n)
           all[n].push_back(s.submit({.retries = 3, .key = "stamp " + std::to_string(n)}, stamp,
                                     w[0], static_cast<int>(n), std::stoi(w[3])));
         std::this_thread::sleep_for(100ms);
       }
       for (const auto& one : all) {
         std::set<std::string> results;
         for (const auto& f : one) results.insert(f.get());
         std::cout << results.size() << std::endl;
       }
     }},
    {"rate",
     [](fabric::session& s, const words& w) {
       s.submit(nothing).get();
       const std::vector<int> numbers(std::stoul(w[0]), 1);
       const auto began = std::chrono::steady_clock::now();
       long sum = 0;
       for (const int n : s.map(twice, numbers).get()) sum += n;
       const double took = seconds_since(began);
       std::cout << sum << " " << static_cast<double>(numbers.size()) / took << " calls/s"
                 << std::endl;
     }},
    {"latency",
     [](fabric::session& s, const words& w) {
       s.submit(nothing).get();
       std::vector<double> took;
       for (int i = 0; i < std::stoi(w[0]); ++i) {
         const auto began = std::chrono::steady_clock::now();
         s.submit(nothing).get();
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
    std::cerr << "calls: " << e.what() << std::endl;
    return 1;
  }
}
