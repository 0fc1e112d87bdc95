#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/api/fleet.hpp"
#include "actors/api/local_actors.hpp"
#include "actors/api/local_worker.hpp"
#include "actors/api/thread_crew.hpp"
#include "resources/inventory.hpp"

namespace fabric::detail {

/// Runs calls on threads of this process, as many at a time as the machine has room for. Values
/// stay in memory. What the workers hold is booked in an inventory.
///
/// Locks are taken in this order: the desk's, the fleet's, a worker's.
class local_fleet final : public fleet {
 public:
  local_fleet(capacity has, std::string_view node);

  bool is_remote() const override { return false; }
  void open(desk& owner) override { owner_ = &owner; }
  void carry_out(std::span<const calls::command_type> commands) override;
  void settle() override;
  bool flush() override;
  std::string why_infeasible(const demand& needs) const override;
  void close() override;
  actor_fleet* actors() override { return &actors_; }

  // For actors, without the desk's lock: what one needs is booked until `let_go`, and `then` is
  // called when it is, without any lock.
  [[nodiscard]] bool could_hold(const demand& needs) const;
  void hold(std::uint64_t token, demand needs, std::function<void()> then);
  void let_go(std::uint64_t token);

  // For runs.
  [[nodiscard]] desk& owner() { return *owner_; }
  [[nodiscard]] const std::string& node() const { return node_; }
  /// Under the worker's mutex: gives its slot to the next that may have it.
  void advance(const std::shared_ptr<local_worker>& w);
  /// The run has nothing to do; false where that changed meanwhile.
  bool leave(local_run& run);
  void holds_back();

 private:
  struct wish {
    std::uint32_t wanted = 0;
    std::uint64_t last_hired = 0;
    std::uint32_t has = 0;  // but for lent ones that are not claimed back
  };
  using worker_ref = std::shared_ptr<local_worker>;

  void on(const calls::command::want& what);
  void on(const calls::command::start& what);
  void on(const calls::command::stop& what);
  void on(const calls::command::recall& what);
  void on(const calls::command::lend& what);
  void on(const calls::command::reclaim& what);
  void on(const calls::command::release& what);
  void on(const calls::command::finished&) {}

  worker_ref find(calls::worker_id id);
  void tell_later(calls::event_type what);
  void give_holds();
  void lend(const worker_ref& w);
  void give_back_lent();
  void give_workers();
  [[nodiscard]] bool is_short_of_the_same(const demand& first, const demand& other) const;
  void hire(calls::pool_id pool, const calls::pool_shape& shape);

  const std::string& node_;  // for the life of the process
  desk* owner_ = nullptr;

  mutable std::mutex mutex_;
  inventory stock_;
  std::unordered_map<calls::worker_id, worker_ref> workers_;
  worker_ref last_;  // most commands are for the one before
  std::map<calls::pool_id, wish> wishes_;
  std::vector<calls::worker_id> claims_;  // lent workers that want back what they had
  struct held {
    std::uint64_t token = 0;
    demand needs;
    std::function<void()> then;
  };
  std::deque<held> waiting_holds_;
  std::map<std::uint64_t, attempt_id> holds_;
  std::uint64_t hired_ = 0;
  bool is_pressed_by_holds_ = false;
  calls::pool_id pressed_by_;
  bool is_closed_ = false;

  std::mutex later_mutex_;
  std::vector<calls::event_type> later_;
  std::vector<std::stop_source> stops_;
  std::vector<std::function<void()>> thens_;
  std::atomic<bool> has_later_{false};
  std::atomic<bool> is_held_back_{false};

  thread_crew crew_;
  local_actors actors_{*this};
};

}  // namespace fabric::detail
