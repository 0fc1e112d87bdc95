#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "actors/api/actor_host.hpp"
#include "fabric/result.hpp"
#include "scheduler/actors/command.hpp"

namespace fabric::detail {

class actor_desk;

/// The seam between a session and where its actors live: threads of this process, or processes on
/// the nodes of a cluster. Who is alive, restarts, order and room are decided above it.
///
/// What happens is told to the desk from any thread, never from within these calls. `carry_out`
/// comes with the desk's lock held, `send` and `stop` with a seat's: they must not block.
class actor_fleet {
 public:
  virtual ~actor_fleet() = default;

  /// Once, before anything else. The desk outlives `close`.
  virtual void open(actor_desk& owner) = 0;
  /// This program, as others name it; 0 where there are no others.
  [[nodiscard]] virtual std::uint64_t program() const = 0;
  [[nodiscard]] virtual bool is_remote() const = 0;

  virtual void carry_out(std::span<const roster::command_type> commands) = 0;
  virtual void send(const std::shared_ptr<seat>& to, roster::host_id host, roster::incarnation life,
                    std::uint64_t number, counted<state_base> call) = 0;
  virtual void stop(const std::shared_ptr<seat>& to, roster::host_id host, roster::incarnation life,
                    std::uint64_t number) = 0;
  /// The end of what the two above began, without any lock.
  virtual void settle() {}
  /// Work that takes long, after what was given before; dropped where the fleet is closed. Without
  /// any lock.
  virtual void run_aside(std::function<void()> work) { work(); }

  /// Another program's actor is of interest: its owner is to say where it is.
  virtual void watch(const std::shared_ptr<seat>&) {}
  virtual void kill_elsewhere(const std::shared_ptr<seat>&) {}
  /// Makes an actor that outlives this program, and answers where it is to be found. Faults: those
  /// of a claim.
  virtual result<actor_ref> spawn_detached(actor_birth how, const actor_options& terms) = 0;

  // Names. These wait for the answer.
  virtual result<void> claim(const std::string& name_space, const std::string& name,
                             const actor_ref& which) = 0;
  virtual result<actor_ref> find(const std::string& name_space, const std::string& name,
                                 std::chrono::nanoseconds wait) = 0;
  /// Does not wait.
  virtual void release(const std::string& name_space, const std::string& name) = 0;

  /// What is missing for the demand, in words. Called with the desk's lock held.
  [[nodiscard]] virtual std::string why_infeasible(const demand& needs) const = 0;

  /// Running methods are told to stop.
  virtual void tell_to_stop() = 0;
  /// And are waited for; no event is told afterwards.
  virtual void close() = 0;
};

}  // namespace fabric::detail
