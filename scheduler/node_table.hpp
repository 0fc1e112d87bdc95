#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resources/inventory.hpp"
#include "scheduler/job_table.hpp"

namespace fabric::scheduler {

/// A lease that was lent and wants back what it had, and whom to tell when it has it.
struct claim {
  task_id task;
  event::asker from;
};

/// A node as the head knows it. `is_lost`: its lease is over and nothing is held there.
struct node_entry {
  explicit node_entry(node_id number) : id(number) {}

  node_id id;
  std::string name;
  incarnation_id incarnation;
  std::string boot_id;
  std::vector<std::string> past_boots;  ///< the last few before this one; forgotten by a restart
  bool is_identified = false;           ///< incarnation and boot_id are known
  inventory stock{capacity{}};
  std::set<task_id> held;    ///< whose leases are in the lease book
  std::deque<claim> claims;  ///< of lent leases, in their order: served before anything new

  std::optional<session_id> session;  ///< the live one
  session_id newest_session;
  instant last_heard{};    ///< join or heartbeat
  instant worker_time{};   ///< the newest of its own times that it told us
  instant lease_ends{};    ///< last heard + lease + margin: what it held is dead for sure
  bool is_silent = false;  ///< has a session but missed its heartbeats
  bool is_lost = false;
  bool is_recovering = false;  ///< known from before a restart, not heard since
  bool is_draining = false;
  instant hand_back_at = never;           ///< end of the drain's patience
  instant paused_until = never;           ///< after it declined a grant; `never` is not paused
  std::uint32_t declines = 0;             ///< in a row
  std::optional<class_number> saved_for;  ///< takes only this class's work (waiting_line.hpp)

  std::string_view told;  ///< the state last announced
  instant due = never;    ///< its place among the timers

  [[nodiscard]] std::string_view state() const;
  /// True where new work may go there at all.
  [[nodiscard]] bool is_open() const {
    return session && !is_silent && !is_lost && !is_draining && paused_until == never &&
           claims.empty();
  }
};

class node_table {
 public:
  [[nodiscard]] node_entry* find(node_id id);
  [[nodiscard]] const node_entry* find(node_id id) const;
  node_entry& add(node_id id);
  void erase(node_id id);

  /// Call after anything that its timers depend on has changed. `silence`: unheard for longer, a
  /// node gets no new work.
  void reschedule(node_entry& n, duration silence);
  [[nodiscard]] instant next_due() const { return due_.empty() ? never : due_.begin()->first; }
  /// The node whose timer is over, lowest instant first.
  [[nodiscard]] node_entry* due(instant now);

  /// Changes whenever the answer to "which node could ever run this" may change.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  void membership_changed() { ++version_; }

  [[nodiscard]] const std::map<node_id, node_entry>& all() const { return nodes_; }
  [[nodiscard]] std::map<node_id, node_entry>& all() { return nodes_; }

 private:
  std::map<node_id, node_entry> nodes_;
  std::set<std::pair<instant, node_id>> due_;
  std::uint64_t version_ = 1;
};

}  // namespace fabric::scheduler
