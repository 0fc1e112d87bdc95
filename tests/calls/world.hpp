#pragma once

#include <deque>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "scheduler/calls/book.hpp"
#include "tests/calls/oracle.hpp"

namespace fabric::calls {

/// A program, its workers and what lies between them, in virtual time and from a seed. Functions
/// take long or short, fail, submit other calls and wait for them; workers die, are out of sight,
/// or come back; what they say is late and may come twice; the program cancels.
class world {
 public:
  explicit world(std::uint64_t seed);

  /// Rages, then heals, until nothing is under way. The empty string, or what does not hold.
  std::string play();

  [[nodiscard]] const oracle& seen() const { return oracle_; }
  [[nodiscard]] std::size_t commands_of(std::size_t kind) const { return kinds_[kind]; }

 private:
  struct script {
    bool is_child = false;
    int depth = 0;
    pool_id pool;
  };
  struct job {
    call_id call;
    std::uint32_t attempt = 0;
    std::vector<call_id> awaited;
    bool is_blocked = false;
    bool is_parked = false;
    bool is_told_to_stop = false;
    std::uint64_t turn = 0;  // a wake-up of an earlier state is of no use
  };
  struct worker {
    worker_id id;
    pool_id pool;
    std::uint32_t slots = 1;
    bool is_lent = false;
    bool wants_back = false;
    std::uint32_t turn = 0;
    bool is_out_of_sight = false;
    std::deque<std::pair<call_id, std::uint32_t>> queue;
    std::vector<job> jobs;
    instant last_to{};
    instant last_from{};

    [[nodiscard]] std::size_t active() const;
    [[nodiscard]] bool has_parked() const;
  };

  std::uint64_t roll(std::uint64_t n) { return dice_() % n; }
  bool chance(unsigned percent) { return roll(100) < percent; }
  void at(instant when, std::function<void()> what);
  void after(duration wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }

  void tell(const event_type& what);
  void tell_from(worker& w, event_type what);
  void do_command(const command_type& what);
  void order(worker_id id, std::function<void(worker&)> what);
  worker* find(worker_id id);
  host_id some_host(std::uint64_t hosts);
  data_place some_data();

  void submit_some(int depth, std::vector<call_id>* made);
  void cancel_one();
  void hurt_one();
  void kill(worker_id id);

  void give_workers();
  void run_next(worker& w);
  void go_on(worker_id id, call_id call, std::uint64_t turn);
  void wait_or_end(worker& w, job& j);
  void end(worker& w, std::size_t index, ending how);
  void wake_waiters(call_id done);
  void resume(worker& w, job& j);

  [[nodiscard]] std::string picture() const;
  [[nodiscard]] std::int64_t need_of(pool_id pool) const;

  struct due {
    instant when;
    std::uint64_t number;
    std::function<void()> what;
    bool operator<(const due& b) const {
      return when != b.when ? when > b.when : number > b.number;
    }
  };

  std::mt19937_64 dice_;
  instant now_{std::chrono::seconds{1}};
  book book_;
  oracle oracle_;
  std::priority_queue<due> agenda_;
  std::uint64_t numbered_ = 0;
  std::vector<pool_id> pools_;
  std::map<pool_id, std::uint32_t> wanted_;
  std::map<worker_id, worker> workers_;
  std::map<call_id, script> scripts_;
  std::vector<call_id> submitted_;
  instant next_tick_ = never;
  std::int64_t free_ = 0;
  std::uint64_t next_worker_ = 0;
  bool heals_ = false;
  bool is_pressed_ = false;
  std::vector<std::size_t> kinds_;
};

}  // namespace fabric::calls
