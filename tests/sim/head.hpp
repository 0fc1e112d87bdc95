#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scheduler/engine.hpp"
#include "tests/sim/machine_clock.hpp"
#include "tests/sim/sim_process.hpp"
#include "tests/sim/world.hpp"
#include "transport/message.hpp"

namespace fabric::sim {

/// How a commit goes wrong.
enum class commit_fate : std::uint8_t { fine, fails_without_effect, fails_with_effect };

/// The head machine's daemon: the shell around the engine. What a step asks for is carried out when
/// its records are committed, in the order of the steps; after a failed commit the head starts anew
/// from the store.
class head : public sim_process {
 public:
  head(world& w, std::uint64_t seed);

  void start();
  void crash(duration down);
  void heal();
  void next_commit(commit_fate how) { next_fate_ = how; }
  void make_store_slow(duration latency, instant until);

  /// By the operator, at the head's own terminal.
  void drain(node_id node, duration deadline);
  void forget(node_id node);

  [[nodiscard]] const scheduler::engine* core() const { return engine_ ? &*engine_ : nullptr; }

 private:
  struct session {
    address who = 0;
    std::uint64_t connection = 0;
    node_id node;  ///< 0: a client
    bool is_open = false;
    instant heard{};
    instant greeted{};  ///< HELLO's worker_time
  };
  struct outcome {
    std::vector<scheduler::record_type> records;
    std::vector<scheduler::command_type> commands;
  };

  void receive(const packet& p);
  void greet(const packet& p, const transport::hello& m);
  void take(session_id from, session& s, const transport::message& m);
  void ask(session_id from, const transport::ask& m);
  void watch(session_id who, job_id job);
  void feed(const scheduler::event_type& what);
  void plan_tick();
  void watch_silence();
  void drop(session_id which);

  void commit_what_waits();
  void commit_ends(commit_fate how);
  void store(const std::vector<outcome>& batch);
  void fail();

  void send(session_id to, const transport::message& m);
  void send_raw(address to, std::uint64_t connection, session_id session,
                const transport::message& m);

  void carry_out(const scheduler::command_type& c);
  void carry_out_one(const scheduler::command::persist& c);
  void carry_out_one(const scheduler::command::grant& c);
  void carry_out_one(const scheduler::command::revoke& c);
  void carry_out_one(const scheduler::command::welcome& c);
  void carry_out_one(const scheduler::command::refuse_node& c);
  void carry_out_one(const scheduler::command::renew& c);
  void carry_out_one(const scheduler::command::acknowledge_report& c);
  void carry_out_one(const scheduler::command::job_accepted& c);
  void carry_out_one(const scheduler::command::request_refused& c);
  void carry_out_one(const scheduler::command::request_done& c);
  void carry_out_one(const scheduler::command::task_changed& c);
  void carry_out_one(const scheduler::command::job_finished& c);
  void carry_out_one(const scheduler::command::press& c);
  void carry_out_one(const scheduler::command::node_changed& c);

  [[nodiscard]] instant local_now() const { return clock_.local(time_.now()); }

  world& w_;
  dice dice_;
  machine_clock clock_;
  std::optional<scheduler::engine> engine_;
  std::uint64_t epoch_ = 0;
  std::uint32_t sessions_made_ = 0;
  std::map<session_id, session> sessions_;
  std::set<scheduler::event::asker> wants_watch_;
  std::map<job_id, std::set<session_id>> watchers_;
  std::deque<outcome> waiting_;
  std::vector<outcome> in_commit_;
  bool is_committing_ = false;
  commit_fate next_fate_ = commit_fate::fine;
  duration store_latency_ = std::chrono::milliseconds{5};
  instant store_slow_until_{};
  instant tick_at_ = never;
  std::uint64_t start_plan_ = 0;
};

}  // namespace fabric::sim
