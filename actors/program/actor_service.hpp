#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/api/actor_host.hpp"
#include "transport/program_message.hpp"

namespace fabric::actors {

class object_exchange;

/// The actors of a worker process: makes them for its owner, and runs what any program calls. What
/// is to be said is collected and fetched. Thread-safe.
class actor_service final : private detail::actor_witness {
 public:
  struct surroundings {
    program_id owner;
    std::string node;
    std::function<void()> woken;             ///< there is something to fetch; from any thread
    std::function<detail::desk*()> session;  ///< for calls that methods make; from any thread
    std::shared_ptr<object_exchange> objects{};
    bool fetches_arguments = false;  ///< see actor_host
  };
  explicit actor_service(surroundings where);

  /// False where it is not for actors.
  bool take(program_id from, transport::program::message& what);
  /// What is to be said since the last time, in order, and to whom.
  std::vector<std::pair<program_id, transport::program::message>> fetch();
  void tell_to_stop() { host_.tell_to_stop(); }
  void close() { host_.close(); }
  /// No actor lives here and nothing is to be said.
  [[nodiscard]] bool is_idle() const;
  /// Programs that have called.
  [[nodiscard]] const std::set<program_id>& callers() const { return callers_; }

 private:
  class remote_job;

  void on(program_id from, transport::program::actor_make& what);
  void on(program_id from, transport::program::actor_end& what);
  void on(program_id from, transport::program::actor_kept& what);
  void on(program_id from, transport::program::actor_calls& what);
  void on(program_id from, transport::program::actor_stop& what);

  void made(roster::actor_id id, roster::incarnation life) override;
  void not_made(roster::actor_id id, roster::incarnation life, failure why) override;
  void ended(roster::actor_id id, roster::incarnation life, roster::event::how_ended how,
             failure why) override;
  void saved(roster::actor_id id, roster::incarnation life, std::string state,
             std::vector<detail::carried_hold> objects, std::function<void()> then) override;
  void tell(program_id whom, transport::program::message what);
  void answer(program_id whom, transport::program::actor_outcome what);

  const surroundings where_;
  std::set<program_id> callers_;  // the taking thread's

  mutable std::mutex mutex_;
  std::vector<std::pair<program_id, transport::program::message>> news_;
  std::map<std::uint64_t, std::function<void()>> kept_;  // what follows when a checkpoint is kept
  std::uint64_t checkpoints_ = 0;
  bool is_told_ = false;

  detail::actor_host host_;  // last: its threads end first
};

}  // namespace fabric::actors
