#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scheduler/event.hpp"
#include "scheduler/job.hpp"

namespace fabric::scheduler {

/// One task held by one node.
struct lease {
  attempt_id id;
  node_id node;
  std::shared_ptr<const job> what;
  std::vector<gpu_share> gpus;
  bool is_started = false;        ///< the node said that it runs, or has ended
  bool is_lent = false;           ///< what it waits in holds only its memory (lending.cpp)
  std::optional<ending> revoked;  ///< cancelled or preempted
  std::uint32_t sends = 0;        ///< of the grant, or of the revocation
  instant send_again = never;
  std::vector<event::asker> cancel_askers;  ///< are told when it is over
};

/// Every held task. A task is in here once or not at all, so it cannot be held twice.
class lease_book {
 public:
  [[nodiscard]] lease* find(task_id id);
  [[nodiscard]] const lease* find(task_id id) const;
  lease& add(lease l);
  void erase(task_id id);

  void send_again_at(lease& l, instant when);
  [[nodiscard]] instant next_due() const { return due_.empty() ? never : due_.begin()->first; }
  [[nodiscard]] lease* due(instant now);

  [[nodiscard]] const std::map<task_id, lease>& all() const { return leases_; }
  [[nodiscard]] std::size_t size() const { return leases_.size(); }
  [[nodiscard]] bool is_consistent() const;

 private:
  std::map<task_id, lease> leases_;
  std::set<std::pair<instant, task_id>> due_;
};

}  // namespace fabric::scheduler
