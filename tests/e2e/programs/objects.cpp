/// A program that puts large values and passes them around: each mode prints what came of it.
///     objects MODE [ARGUMENT...] [--cluster FILE]
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fabric/fabric.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using numbers = std::vector<double>;

numbers counted(std::size_t n) {
  numbers xs(n);
  std::iota(xs.begin(), xs.end(), 1.0);
  return xs;
}

double sum(const fabric::view<numbers>& xs) { return std::accumulate(xs.begin(), xs.end(), 0.0); }
FABRIC_FUNCTION(sum);

fabric::object<numbers> make(std::size_t n) { return fabric::put(counted(n)); }
FABRIC_FUNCTION(make);

numbers plain(std::size_t n) { return counted(n); }
FABRIC_FUNCTION(plain);

std::size_t length(const numbers& xs) { return xs.size(); }
FABRIC_FUNCTION(length);

/// References within a struct.
struct parcel {
  std::string label;
  std::vector<fabric::object<std::string>> parts;
};
FABRIC_PACK(parcel, label, parts);

/// References within an object.
using crate = fabric::object<std::vector<fabric::object<numbers>>>;

crate packed(std::size_t n) { return fabric::put(std::vector{fabric::put(counted(n)), make(n)}); }
FABRIC_FUNCTION(packed);

double unpacked(const crate& what) {
  const auto inside = what.get();
  double all = 0;
  for (const auto& each : *inside) all += sum(each.get());
  return all;
}
FABRIC_FUNCTION(unpacked);

std::size_t weigh(const parcel& what) {
  std::size_t all = 0;
  for (const auto& part : what.parts) all += part.get().size();
  return all;
}
FABRIC_FUNCTION(weigh);

parcel wrapped(std::size_t n) {
  return {"two", {fabric::put(std::string(n, 'a')), fabric::put(std::string(n, 'b'))}};
}
FABRIC_FUNCTION(wrapped);

int process() { return ::getpid(); }
FABRIC_FUNCTION(process);

std::string node() { return std::string{fabric::this_task().node()}; }
FABRIC_FUNCTION(node);

/// Keeps what it is told, also after the call.
class keeper {
 public:
  void keep(fabric::object<numbers> what) { kept_ = std::move(what); }
  double read() const { return sum(kept_.get()); }
  fabric::object<numbers> made(std::size_t n) { return fabric::put(counted(n)); }
  numbers copy() const { return kept_.value(); }
  int pid() const { return ::getpid(); }
  void keep_all(crate what) { kept_all_ = std::move(what); }
  double read_all() const { return unpacked(kept_all_); }

 private:
  fabric::object<numbers> kept_;
  crate kept_all_;
};
FABRIC_ACTOR(keeper, (), keep, read, made, copy, pid, keep_all, read_all);

/// Has what it was given, or has made last, in each of its lives.
class shelf {
 public:
  explicit shelf(fabric::object<numbers> first) : kept_(std::move(first)) {}
  double make(std::size_t n) {
    kept_ = fabric::put(counted(n));
    return read();
  }
  double read() const { return sum(kept_.get()); }
  int pid() const { return ::getpid(); }

  fabric::object<numbers> save() const { return kept_; }
  void restore(fabric::object<numbers> kept) { kept_ = std::move(kept); }

 private:
  fabric::object<numbers> kept_;
};
FABRIC_ACTOR(shelf, (fabric::object<numbers>), make, read, pid);

std::uint64_t held() { return fabric::objects_in_use().objects; }

/// Objects go a moment after what held them: told by messages, or by a process that ends.
void print_held_until_none() {
  for (int i = 0; i < 500 && held() > 0; ++i) std::this_thread::sleep_for(20ms);
  std::cout << "held " << held() << '\n';
}

using mode = void (*)(fabric::session&, std::size_t);

void argument(fabric::session& s, std::size_t n) {
  {
    const auto xs = fabric::put(counted(n));
    for (int i = 0; i < 4; ++i) std::cout << s.submit(sum, xs).get() << '\n';
    std::cout << s.submit(length, xs).get() << '\n';
  }
  print_held_until_none();
}

void result(fabric::session& s, std::size_t n) {
  {
    auto made = s.submit(make, n);
    std::cout << sum(made.get().get()) << '\n' << s.submit(sum, made).get() << '\n';
    std::cout << s.submit(length, made).get() << '\n';
  }
  print_held_until_none();
}

void large(fabric::session& s, std::size_t n) {
  std::cout << s.submit(length, counted(n)).get() << '\n'
            << s.submit(plain, n).get().size() << '\n';
  print_held_until_none();
}

void nested(fabric::session& s, std::size_t n) {
  {
    auto made = s.submit(wrapped, n);
    std::cout << weigh(made.get()) << '\n' << s.submit(weigh, made).get() << '\n';
  }
  print_held_until_none();
}

/// What is in it was put by a worker, or is kept by an actor, and nobody else has it.
void crates(fabric::session& s, std::size_t n) {
  {
    auto made = s.submit(packed, n);
    std::cout << s.submit(unpacked, made).get() << '\n' << unpacked(made.get()) << '\n';
    auto it = s.spawn<keeper>({.cpus = 1});
    it.call(&keeper::keep_all, made).get();
    made = {};
    std::cout << it.call(&keeper::read_all).get() << '\n';
    it.call(&keeper::keep_all, fabric::put(std::vector{fabric::put(counted(n))})).get();
    std::cout << it.call(&keeper::read_all).get() << '\n';
    it.kill();
  }
  print_held_until_none();
}

void actor(fabric::session& s, std::size_t n) {
  {
    auto it = s.spawn<keeper>({.cpus = 1});
    auto xs = fabric::put(counted(n));
    it.call(&keeper::keep, xs).get();
    std::cout << it.call(&keeper::read).get() << '\n';
    xs = {};
    std::cout << it.call(&keeper::read).get() << '\n';
    std::cout << sum(it.call(&keeper::made, n).get().get()) << '\n';
    std::cout << it.call(&keeper::copy).get().size() << '\n';
    it.kill();
  }
  print_held_until_none();
}

/// Longer than a worker stays without calls.
void outlive(fabric::session& s, std::size_t n) {
  const auto made = s.submit(make, n).get();
  const int pid = s.submit(process).get();
  for (int i = 0; i < 1000 && ::access(("/proc/" + std::to_string(pid)).c_str(), F_OK) == 0; ++i)
    std::this_thread::sleep_for(20ms);
  std::cout << sum(made.get()) << '\n';
}

/// Prints a worker's pid and waits for a line before it reads what the worker has made.
void orphan(fabric::session& s, std::size_t n) {
  auto it = s.spawn<keeper>({.cpus = 1});
  const auto made = it.call(&keeper::made, n).get();
  std::cout << it.call(&keeper::pid).get() << std::endl;
  std::string line;
  std::getline(std::cin, line);
  try {
    std::cout << sum(made.get(20s)) << '\n';
  } catch (const fabric::error& e) {
    std::cout << name_of(e.kind()) << '\n' << e.what() << '\n';
  }
}

/// Puts until there is no room, then makes some and goes on.
void fill(fabric::session&, std::size_t n) {
  std::vector<fabric::object<numbers>> all;
  try {
    for (;;) all.push_back(fabric::put(counted(n)));
  } catch (const fabric::object_error& e) {
    std::cout << name_of(e.kind()) << '\n' << e.what() << '\n';
  }
  double sums = 0;
  for (const auto& each : all) sums += sum(each.get());
  std::cout << (sums == static_cast<double>(all.size()) * sum(all[0].get()) ? "intact" : "changed");
  all.pop_back();
  all.push_back(fabric::put(counted(n)));
  std::cout << '\n' << "goes on\n";
}

/// Puts until there is no room, waits for a line, and puts again.
void fill_and_wait(fabric::session&, std::size_t n) {
  std::vector<fabric::object<numbers>> all;
  const auto put_one = [&] {
    try {
      all.push_back(fabric::put(counted(n)));
      return true;
    } catch (const fabric::object_error& e) {
      std::cout << name_of(e.kind()) << '\n' << e.what() << std::endl;
      return false;
    }
  };
  while (put_one()) {
  }
  std::string line;
  std::getline(std::cin, line);
  std::cout << put_one() << '\n';
  bool are_whole = true;
  for (const auto& each : all) are_whole = are_whole && sum(each.get()) == sum(all[0].get());
  std::cout << are_whole << '\n';
}

/// A call whose argument or result has no room fails, and the program goes on.
void fill_by_call(fabric::session& s, std::size_t n) {
  for (auto attempt : {0, 1}) {
    try {
      std::cout << (attempt == 0 ? s.submit(length, counted(n)).get()
                                 : s.submit(plain, n).get().size());
    } catch (const fabric::error& e) {
      std::cout << name_of(e.kind()) << '\n';
    }
  }
  std::cout << s.submit(length, counted(10)).get() << '\n';
}

/// Holds objects until it is killed.
void wait_with(fabric::session&, std::size_t n) {
  const auto mine = fabric::put(counted(n));
  std::cout << mine.size() << std::endl;
  std::this_thread::sleep_for(10min);
}

void usage(fabric::session&, std::size_t) { std::cout << "held " << held() << '\n'; }

void where(fabric::session& s, std::size_t) { std::cout << s.submit(node).get() << '\n'; }

/// A value and the node that made it, a moment later: two calls at once are made by two workers.
struct crop {
  std::string node;
  fabric::object<numbers> what;
};
FABRIC_PACK(crop, node, what);

crop grow(std::size_t n) {
  std::this_thread::sleep_for(500ms);
  return {node(), make(n)};
}
FABRIC_FUNCTION(grow);

/// Prints the pid of an actor's process and waits for a line; then, in its next life, reads.
void restored(fabric::session& s, std::size_t n) {
  auto it =
      s.spawn<shelf>({.cpus = 1, .restarts = {.most = 3, .within = 60s}}, fabric::put(counted(10)));
  it.call(&shelf::make, n).get();
  for (unsigned life = 1; life < 3; ++life) {
    std::cout << it.call(&shelf::pid).get() << std::endl;
    std::string line;
    std::getline(std::cin, line);
    while (it.life() == life) std::this_thread::sleep_for(20ms);
    std::cout << it.call(&shelf::read).get() << std::endl;
  }
  it.kill();
  print_held_until_none();
}

/// A detached actor is given an object by a program that then ends.
void detach(fabric::session& s, std::size_t n) {
  auto it = s.spawn<shelf>({.name = "shelf", .cpus = 1, .life = fabric::lifetime::detached},
                           fabric::put(counted(n)));
  std::cout << it.name() << '\n';
}

void read_detached(fabric::session& s, std::size_t) {
  auto it = s.find_actor<shelf>("shelf", {}, 20s);
  std::cout << it.call(&shelf::read).get() << '\n';
  it.kill();
}

/// Where a value is read.
std::string reading(const fabric::view<numbers>&) { return node(); }
FABRIC_FUNCTION(reading);

std::string reading_value(const numbers&) { return node(); }
FABRIC_FUNCTION(reading_value);

/// Of several calls, how many run where their data lies.
void near(fabric::session& s, std::size_t n) {
  std::map<std::string, fabric::object<numbers>> made;
  for (int i = 0; i < 20 && made.size() < 2; ++i)
    for (auto& each : s.map(grow, std::vector<std::size_t>{n, n})) {
      auto [node, what] = each.get();
      made[node] = what;
    }
  for (const auto& [node, what] : made) {
    int hits = 0;
    for (int i = 0; i < 10; ++i) hits += s.submit(reading, what).get() == node ? 1 : 0;
    std::cout << node << ' ' << hits << '\n';
  }
  const auto mine = fabric::put(counted(n));
  for (int i = 0; i < 3; ++i) std::cout << "mine " << s.submit(reading, mine).get() << '\n';
  for (int i = 0; i < 3; ++i)
    std::cout << "value " << s.submit(reading_value, counted(n)).get() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, mode> modes{{"argument", argument},
                                          {"result", result},
                                          {"large", large},
                                          {"nested", nested},
                                          {"crates", crates},
                                          {"actor", actor},
                                          {"outlive", outlive},
                                          {"orphan", orphan},
                                          {"fill", fill},
                                          {"fill-by-call", fill_by_call},
                                          {"fill-and-wait", fill_and_wait},
                                          {"wait-with", wait_with},
                                          {"usage", usage},
                                          {"where", where},
                                          {"near", near},
                                          {"restored", restored},
                                          {"detach", detach},
                                          {"read-detached", read_detached}};
  const auto found = modes.find(argc < 2 ? "" : argv[1]);
  if (found == modes.end()) return 64;
  std::cout.precision(17);
  try {
    auto s = fabric::init(argc, argv);
    found->second(s, argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1000);
  } catch (const fabric::error& e) {
    std::cout << "failed: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
