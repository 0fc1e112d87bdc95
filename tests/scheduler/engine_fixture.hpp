#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "scheduler/engine.hpp"

namespace fabric::scheduler {

using namespace std::chrono_literals;

inline demand cpus(std::int64_t n) { return {{{"cpu", units(n)}}, {}}; }
inline capacity machine(std::int64_t cpus, int gpus = 0) {
  capacity c{{{"cpu", units(cpus)}, {"gpu", units(gpus)}}, {}, {}};
  for (int i = 0; i < gpus; ++i) c.gpu_ids.push_back(std::to_string(i));
  return c;
}

/// A scheduler with a hand-moved clock. Each step checks every invariant, and that records come
/// before all other commands.
class engine_fixture : public testing::Test {
 public:
  engine_fixture() : engine_fixture(settings{}) {}
  explicit engine_fixture(settings how) : scheduler_(how) {}

  std::vector<command_type> step(const event_type& what) {
    auto commands = scheduler_.step(what, now_);
    EXPECT_EQ(scheduler_.broken_invariant(), "");
    bool records_are_over = false;
    for (const auto& c : commands) {
      const bool is_record = std::holds_alternative<command::persist>(c);
      EXPECT_FALSE(is_record && records_are_over) << "a record follows another command";
      records_are_over = !is_record;
    }
    last_ = commands;
    all_.insert(all_.end(), commands.begin(), commands.end());
    return commands;
  }

  std::vector<command_type> tick(duration by) {
    now_ += by;
    return step(event::ticked{});
  }

  /// Time goes by in small steps; the nodes named keep their sessions alive.
  void pass(duration time, const std::vector<std::pair<node_id, session_id>>& alive = {}) {
    const instant until = now_ + time;
    while (now_ < until) {
      now_ = std::min(until, now_ + 1s);
      for (const auto& [node, session] : alive) step(event::node_heartbeat{node, session, now_});
      step(event::ticked{});
    }
  }

  job_id submit(job what) {
    const auto commands =
        step(event::job_submitted{client_, std::make_shared<const job>(std::move(what))});
    const auto* accepted = first<command::job_accepted>();
    if (accepted == nullptr) {
      ADD_FAILURE() << "the job was not accepted";
      return {};
    }
    return accepted->id;
  }
  static job single(demand needs = cpus(1)) {
    job j;
    j.payload = "work";
    j.needs = std::move(needs);
    return j;
  }
  static job array(std::uint32_t count, demand needs = cpus(1)) {
    job j = single(std::move(needs));
    j.is_array = true;
    j.count = count;
    return j;
  }

  std::vector<command_type> join(std::uint64_t node, std::uint64_t session, capacity has,
                                 std::vector<event::held_attempt> holding = {},
                                 std::uint64_t incarnation = 1, std::string boot = "boot") {
    return step(event::node_joined{node_id{node}, session_id{session}, incarnation_id{incarnation},
                                   std::move(boot), "n" + std::to_string(node), std::move(has),
                                   std::move(holding), now_});
  }
  void start(std::uint64_t node, attempt_id id) { step(event::attempt_started{node_id{node}, id}); }
  void end(std::uint64_t node, attempt_id id, ending how = ending::succeeded) {
    step(event::attempt_ended{node_id{node}, id, how, "report"});
  }

  /// Of the last step.
  template <class Command>
  [[nodiscard]] std::vector<Command> said() const {
    std::vector<Command> list;
    for (const auto& c : last_)
      if (const auto* found = std::get_if<Command>(&c)) list.push_back(*found);
    return list;
  }
  template <class Command>
  [[nodiscard]] const Command* first() const {
    for (const auto& c : last_)
      if (const auto* found = std::get_if<Command>(&c)) return found;
    return nullptr;
  }
  template <class Record>
  [[nodiscard]] std::vector<Record> kept() const {
    std::vector<Record> list;
    for (const auto& c : last_)
      if (const auto* p = std::get_if<command::persist>(&c))
        if (const auto* found = std::get_if<Record>(&p->what)) list.push_back(*found);
    return list;
  }
  [[nodiscard]] task_state state_of(task_id id) const {
    const auto view = scheduler_.task(id);
    EXPECT_TRUE(view.has_value()) << "unknown task " << to_string(id);
    return view ? view->state : task_state::expired;
  }
  [[nodiscard]] std::string node_state(std::uint64_t node) const {
    const auto view = scheduler_.node(node_id{node});
    return view ? std::string(view->state) : "unknown";
  }

  engine scheduler_;
  instant now_{1000s};
  event::asker client_{session_id{900}, request_id{1}};
  std::vector<command_type> last_;
  std::vector<command_type> all_;
};

}  // namespace fabric::scheduler
