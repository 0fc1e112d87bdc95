#pragma once

#include <deque>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "scheduler/actors/book.hpp"
#include "scheduler/actors/line.hpp"

namespace fabric::roster {

/// One owner, a few callers and the hosts they are given, all of it from one seed: hosts die,
/// actors fail and stop, constructors throw, messages are late. Says which claim was broken first.
class world {
 public:
  explicit world(std::uint64_t seed);
  /// The empty string where every claim held.
  std::string play();

  [[nodiscard]] std::size_t commands_of(std::size_t kind) const { return kinds_[kind]; }
  [[nodiscard]] std::size_t gone_for(reason why) const {
    const auto found = reasons_.find(why);
    return found == reasons_.end() ? 0 : found->second;
  }
  struct ends {
    std::size_t done = 0;
    std::size_t dropped = 0;
    std::size_t unknown = 0;
    std::size_t dead_unsent = 0;
    std::size_t dead_sent = 0;
    std::size_t repeated = 0;
  };
  [[nodiscard]] const ends& calls() const { return ends_; }

 private:
  static constexpr std::size_t callers = 3;

  struct call_to {
    std::size_t caller = 0;
    actor_id actor;
    call_number number = 0;

    auto operator<=>(const call_to&) const = default;
  };
  struct life {
    incarnation number = 0;
    bool is_made = false;
    bool is_ending = false;
    bool runs = false;
    std::deque<call_to> mailbox;
  };
  struct host {
    pool_id pool;
    std::map<actor_id, life> lives;
    instant last_to_owner{};
    std::map<std::size_t, instant> last_to, last_from;  // by caller
  };
  struct plan {
    group_id group;
    strategy how = strategy::one_for_one;
    restart_rules rules;
    std::vector<instant> restarts;
    bool is_alone = true;
    bool is_gone = false;
    bool was_killed = false;
  };
  struct call_history {
    bool may_repeat = false;
    std::uint32_t begun = 0;
    std::uint32_t done = 0;
    std::uint32_t ends = 0;
  };

  void claim(bool holds, const std::string& what);
  std::uint64_t roll(std::uint64_t n) { return n == 0 ? 0 : dice_() % n; }
  bool chance(std::uint64_t percent) { return roll(100) < percent; }
  void at(instant when, std::function<void()> what);
  void after(duration d, std::function<void()> what) { at(now_ + d, std::move(what)); }
  instant in_order(instant& last, std::uint64_t most_us);

  void tell(const event_type& what);
  void tell_from(host_id from, event_type what);
  void tell_callers(std::function<void(std::size_t)> what);
  void do_command(const command_type& what);
  void on(const command::want& what);
  void on(const command::make& what);
  void on(const command::end& what);
  void on(const command::release& what);
  void on(const command::alive& what);
  void on(const command::down& what);
  void on(const command::gone& what);
  void give_hosts();

  void spawn_some();
  void kill_one();
  void hurt_one();
  void lose(host_id id);

  void call_one();
  void drop_one();
  void carry_out(std::size_t caller, actor_id actor, const line::orders& orders);
  void over(const call_to& which);
  void arrive(host_id at, incarnation sent_to, const call_to& which);
  void answer(host_id from, incarnation sent_to, const call_to& which, line::answer how);
  void run_next(host_id at, actor_id actor);
  void try_to_end(host_id at, actor_id actor, event::how_ended how);
  [[nodiscard]] bool lives_somewhere(actor_id actor, bool made) const;

  std::mt19937_64 dice_;
  instant now_{std::chrono::seconds{1}};
  book book_;
  std::string broken_;
  struct due {
    instant when;
    std::uint64_t number;
    std::function<void()> what;
    bool operator<(const due& b) const {
      return when != b.when ? when > b.when : number > b.number;
    }
  };
  std::priority_queue<due> agenda_;
  std::uint64_t numbered_ = 0;

  std::map<host_id, host> hosts_;
  std::set<host_id> lost_;
  std::map<pool_id, std::uint32_t> wanted_;
  std::uint64_t next_host_ = 0;
  std::uint64_t next_actor_ = 0;
  std::uint64_t next_group_ = 0;
  std::map<actor_id, plan> plans_;
  std::map<actor_id, std::size_t> gone_told_;
  std::set<actor_id> told_alive_;
  std::map<std::size_t, instant> last_to_caller_;
  std::map<std::pair<std::size_t, actor_id>, line> lines_;
  std::map<std::pair<std::size_t, actor_id>, call_number> last_begun_;
  std::map<call_to, call_history> calls_;
  std::set<call_to> unready_;
  bool heals_ = false;
  std::vector<std::size_t> kinds_;
  std::map<reason, std::size_t> reasons_;
  ends ends_;
};

}  // namespace fabric::roster
