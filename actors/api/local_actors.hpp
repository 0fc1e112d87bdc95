#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/api/actor_fleet.hpp"

namespace fabric::detail {

class local_fleet;

/// Actors on threads of this process. What one needs is booked in the session's inventory as long
/// as it lives; calls and results stay in memory.
class local_actors final : public actor_fleet, private actor_witness {
 public:
  explicit local_actors(local_fleet& machine);

  void open(actor_desk& owner) override { owner_ = &owner; }
  [[nodiscard]] std::uint64_t program() const override { return 0; }
  [[nodiscard]] bool is_remote() const override { return false; }
  void carry_out(std::span<const roster::command_type> commands) override;
  void send(const std::shared_ptr<seat>& to, roster::host_id host, roster::incarnation life,
            std::uint64_t number, counted<state_base> call) override;
  void stop(const std::shared_ptr<seat>& to, roster::host_id host, roster::incarnation life,
            std::uint64_t number) override;
  void settle() override;
  result<actor_ref> spawn_detached(actor_birth how, const actor_options& terms) override;
  result<void> claim(const std::string& name_space, const std::string& name,
                     const actor_ref& which) override;
  result<actor_ref> find(const std::string& name_space, const std::string& name,
                         std::chrono::nanoseconds wait) override;
  void release(const std::string& name_space, const std::string& name) override;
  [[nodiscard]] std::string why_infeasible(const demand& needs) const override;
  void tell_to_stop() override;
  void close() override;

 private:
  /// What the inventory is to be asked for, when no lock is held.
  struct wish {
    roster::pool_id pool;
    demand needs;
  };

  void made(roster::actor_id id, roster::incarnation life) override;
  void not_made(roster::actor_id id, roster::incarnation life, failure why) override;
  void ended(roster::actor_id id, roster::incarnation life, roster::event::how_ended how,
             failure why) override;
  void saved(roster::actor_id id, roster::incarnation life, std::string state,
             std::vector<carried_hold> objects, std::function<void()> then) override;
  roster::host_id host_of(roster::actor_id id);
  roster::host_id leave(roster::actor_id id);
  void want(const roster::command::want& what);

  local_fleet& machine_;
  actor_desk* owner_ = nullptr;

  std::mutex mutex_;
  std::unordered_map<roster::actor_id, roster::host_id> at_;
  std::map<roster::pool_id, std::uint32_t> has_;  // hosts, those that are asked for among them
  std::map<roster::host_id, roster::pool_id> hosts_;
  std::vector<wish> wishes_;
  std::vector<roster::event_type> news_;
  std::vector<roster::host_id> leaving_;
  std::uint64_t hosts_made_ = 0;

  std::mutex names_mutex_;
  std::condition_variable named_;
  std::map<std::pair<std::string, std::string>, actor_ref> names_;
  bool is_closed_ = false;

  actor_host host_;  // last: its threads end first
};

}  // namespace fabric::detail
