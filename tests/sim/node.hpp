#pragma once

#include <map>
#include <optional>
#include <string>

#include "scheduler/agent.hpp"
#include "tests/sim/dialler.hpp"
#include "tests/sim/virtual_spawner.hpp"

namespace fabric::sim {

/// A worker machine: its clock, its daemon (the shell around the agent) and its spawner. The spool
/// is on its disk.
class node : public sim_process {
 public:
  node(world& w, address where, capacity has, std::uint64_t seed);

  void boot();
  void crash_daemon(duration down);
  void crash_machine(duration down);
  /// SIGTERM: drains, says goodbye, and is started again some time later.
  void leave(duration deadline);
  /// Everything that is down comes up soon.
  void heal();

  [[nodiscard]] node_id id() const { return id_; }
  [[nodiscard]] bool is_machine_up() const { return is_up_; }
  [[nodiscard]] bool holds_nothing() const { return agent_ && agent_->holding().empty(); }

 private:
  void start_daemon();
  void start_daemon_when_clean(std::uint64_t plan);
  void stop_daemon();
  void feed(const scheduler::agent_event_type& what);
  void hear(const transport::message& m);
  void tell_leaving();
  void plan_tick();
  transport::hello greet();
  [[nodiscard]] instant local_now() const { return clock_.local(time_.now()); }

  void carry_out(const scheduler::agent_command::send_heartbeat& c);
  void carry_out(const scheduler::agent_command::start_process& c);
  void carry_out(const scheduler::agent_command::kill_process& c);
  void carry_out(const scheduler::agent_command::set_fence& c);
  void carry_out(const scheduler::agent_command::send_started& c);
  void carry_out(const scheduler::agent_command::send_declined& c);
  void carry_out(const scheduler::agent_command::send_report& c);
  void carry_out(const scheduler::agent_command::spool_report& c);
  void carry_out(const scheduler::agent_command::drop_spooled& c);
  void carry_out(const scheduler::agent_command::drained& c);

  struct spooled {
    scheduler::ending how;
    std::string report;
  };

  world& w_;
  address where_;
  node_id id_;
  std::string name_;
  capacity has_;
  dice dice_;
  machine_clock clock_;
  virtual_spawner spawner_;
  dialler link_;
  std::optional<scheduler::agent> agent_;
  std::map<attempt_id, spooled> spool_;
  std::string boot_id_;
  std::uint64_t incarnation_ = 0;
  std::uint64_t start_plan_ = 0;
  instant tick_at_ = never;
  bool is_up_ = false;
  std::optional<duration> leaving_;  ///< the deadline that it was given
};

}  // namespace fabric::sim
