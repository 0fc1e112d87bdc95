#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "scheduler/agent.hpp"
#include "tests/sim/machine_clock.hpp"
#include "tests/sim/task_script.hpp"
#include "tests/sim/world.hpp"
#include "transport/message.hpp"

namespace fabric::sim {

/// The process beside the daemon that runs the tasks. It is never stopped, so it holds the fence
/// also when the daemon is; it outlives the daemon by the time that it needs to kill what runs.
class virtual_spawner {
 public:
  using teller = std::function<void(scheduler::agent_event_type)>;

  virtual_spawner(world& w, node_id node, std::uint64_t seed) : w_(w), node_(node), dice_(seed) {}

  /// A new daemon. Precondition: nothing runs.
  void attach(const machine_clock& clock, teller tell);
  void daemon_died();
  void machine_died();

  void start(const transport::grant& what, duration time_limit);
  void kill(attempt_id id, duration grace);
  void set_fence(instant at);

  [[nodiscard]] bool is_idle() const { return runs_.empty(); }

 private:
  struct process {
    std::uint64_t run = 0;
    task_script script;
  };
  void end(attempt_id id, std::uint64_t run, scheduler::ending how, bool by_itself);
  void kill_within(attempt_id id, duration soonest, duration latest, scheduler::ending how);
  void fence_passed();

  world& w_;
  node_id node_;
  dice dice_;
  const machine_clock* clock_ = nullptr;
  teller tell_;
  instant fence_{};
  std::uint64_t fences_set_ = 0;
  std::map<attempt_id, process> runs_;
};

}  // namespace fabric::sim
