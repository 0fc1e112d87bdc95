#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scheduler/actors/command.hpp"
#include "scheduler/actors/event.hpp"

namespace fabric::roster {

/// The owner's half of actors: which there are, where they live, and when they are made anew. A
/// value: `step` is the only way in; no clock, thread, socket or hidden chance.
///
/// Every actor is said to be `gone` once. No two lives of an actor overlap: the next one begins
/// after its host has said that the last one is over, or is certainly gone. In a group that falls
/// together, members are made anew only when all that were to end have ended, and each only when
/// those before it are alive.
///
/// Cost of a step: O(log actors), and for what a failure touches O(its group) or O(its host).
///
/// Not thread-safe.
class book {
 public:
  /// Appends to `out`.
  void step(const event_type& what, instant now, std::vector<command_type>& out);

  [[nodiscard]] actor_state state_of(actor_id id) const;
  [[nodiscard]] incarnation life_of(actor_id id) const;
  /// Actors that are not gone.
  [[nodiscard]] std::size_t actors() const { return living_; }
  [[nodiscard]] std::size_t hosts() const { return hosts_.size(); }

  /// The empty string, or the first claim about the state that does not hold. Looks at everything.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  struct actor {
    group_id group;
    pool_id pool;
    actor_state state = actor_state::waiting;
    incarnation life = 1;    // the latest that was made or is to be made
    host_id host;            // 0: none yet
    bool comes_back = true;  // of one that is ending
    bool ends_its_host = false;
    std::uint32_t restarts = 0;
  };
  struct group {
    strategy how = strategy::one_for_one;
    restart_rules rules;
    bool is_of_one = false;        // made for an actor that is alone
    std::set<actor_id> members;    // not gone
    std::deque<instant> restarts;  // within the time of the rules
  };
  struct pool {
    std::set<actor_id> waiting;  // for a host, or for others of their group
    std::set<host_id> hosts;
    std::uint32_t living = 0;  // actors that are not gone
    std::uint32_t wanted = 0;  // as it was said last
    bool was_used = false;
  };
  struct host {
    pool_id pool;
    std::set<actor_id> actors;
    bool is_leaving = false;
  };

  void on(const event::group_made& what);
  void on(const event::spawned& what);
  void on(const event::host_ready& what);
  void on(const event::host_lost& what);
  void on(const event::pool_refused& what);
  void on(const event::made& what);
  void on(const event::not_made& what);
  void on(const event::ended& what);
  void on(const event::kill_requested& what);
  void on(const event::closed& what);

  actor* find(host_id where, actor_id id, incarnation life);
  void fell(const std::set<actor_id>& which, reason why);
  [[nodiscard]] bool counts_one_more(group& g) const;
  void give_up(group& g, const std::set<actor_id>& fallen, reason why);
  void come_back(actor_id id, actor& a);
  void end_to_come_back(actor_id id, actor& a);
  void say_gone(actor_id id, actor& a, reason why);
  void leave_host(actor_id id, actor& a);
  void forget(actor_id id);
  void place_all();
  [[nodiscard]] bool may_be_made(actor_id id, const actor& a) const;
  [[nodiscard]] host_id host_for(const actor& a, const pool& p) const;
  void release_idle_hosts();
  void say_wants();
  void touch(pool_id id) { touched_.insert(id); }

  instant now_{};
  std::vector<command_type>* out_ = nullptr;
  std::map<actor_id, actor> actors_;
  std::map<group_id, group> groups_;
  std::map<pool_id, pool> pools_;
  std::map<host_id, host> hosts_;
  std::set<pool_id> touched_;
  std::uint64_t own_groups_ = std::uint64_t{1} << 63;  // of actors that are alone
  std::size_t living_ = 0;
  bool is_closed_ = false;
};

}  // namespace fabric::roster
