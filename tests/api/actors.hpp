#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/api/functions.hpp"

/// Classes of actors for tests. What they have in common is counted in `work::lives`.
namespace work {

struct life_count {
  std::atomic<int> made{0};
  std::atomic<int> unmade{0};
};
inline life_count lives;

class counter {
 public:
  explicit counter(int start) : value_(start) {
    if (start < 0) throw std::invalid_argument("negative");
    ++lives.made;
  }
  counter(const counter&) = delete;
  counter& operator=(const counter&) = delete;
  ~counter() { ++lives.unmade; }

  int add(int n) { return value_ += n; }
  [[nodiscard]] int get() const { return value_; }
  int throw_odd(int n) {
    value_ += n;
    if (n % 2 != 0) throw std::domain_error("odd");
    return value_;
  }
  void hold_at(std::stop_token stop, int gate) { hold(std::move(stop), gate); }
  void finish() { fabric::this_actor().stop(); }
  void break_down(const std::string& why) { fabric::this_actor().fail(why); }
  [[nodiscard]] unsigned life() const { return fabric::this_actor().life(); }
  int add_to(const fabric::actor<counter>& other, int n) {
    return other.call(&counter::add, n).get();
  }
  std::unique_ptr<int> boxed_value(std::unique_ptr<int> more) {
    return std::make_unique<int>(value_ + *more);
  }
  fabric::actor<counter> itself() { return fabric::this_actor().handle_as<counter>(); }
  int unlisted() { return 0; }

 private:
  int value_;
};

/// Keeps its sum over restarts.
class ledger {
 public:
  explicit ledger(int save_from) : save_from_(save_from) {}
  int add(int n) { return sum_ += n; }
  int add_and_keep(int n) {
    fabric::this_actor().checkpoint();
    return sum_ += n;
  }
  void break_down() { fabric::this_actor().fail("told to"); }
  [[nodiscard]] std::pair<int, int> save() const {
    if (sum_ == save_from_) throw std::runtime_error("cannot save");
    return {save_from_, sum_};
  }
  void restore(std::pair<int, int> state) { sum_ = state.second; }

 private:
  int save_from_;
  int sum_ = 0;
};

/// Notes the order of its calls.
class notebook {
 public:
  void note(int n) { notes_.push_back(n); }
  [[nodiscard]] std::vector<int> all() const { return notes_; }

 private:
  std::vector<int> notes_;
};

class cactus {
 public:
  explicit cactus(prickly) {}
  int touch() { return 1; }
};

struct unlisted_class {
  int get() { return 1; }
};
inline fabric::detail::constructor<void()> fabric_constructor(const unlisted_class*) { return {}; }

int add_through(fabric::actor<counter> to, int n);
fabric::actor<counter> spawn_one(int start);

FABRIC_ACTOR(counter, (int), add, get, throw_odd, hold_at, finish, break_down, life, add_to,
             boxed_value, itself);
FABRIC_ACTOR(ledger, (int), add, add_and_keep, break_down);
FABRIC_ACTOR(cactus, (prickly), touch);
FABRIC_ACTOR_AS("notes", notebook, (), note, all);

}  // namespace work
