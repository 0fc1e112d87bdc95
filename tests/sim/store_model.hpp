#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "scheduler/record.hpp"

namespace fabric::sim {

/// The head's store, as rows, with the rules that the real one enforces by its schema. It outlives
/// every head.
class store_model {
 public:
  struct row {
    scheduler::task_state state = scheduler::task_state::queued;
    attempt_number attempt = 0;
    node_id node;
    std::vector<gpu_share> gpus;
    std::uint32_t failures = 0;
    std::uint32_t crashes = 0;
    std::uint32_t lost = 0;
    std::string report;
  };
  struct job_rows {
    std::shared_ptr<const scheduler::job> what;
    bool cancelled = false;
    std::map<std::uint32_t, row> touched;

    /// The state that anyone who reads the store sees.
    [[nodiscard]] scheduler::task_state state_of(std::uint32_t index) const;
    [[nodiscard]] bool is_done() const;
    [[nodiscard]] bool all_succeeded() const;
  };

  /// The empty string, or the rule that a record breaks: a finding, which ends the simulation.
  std::string commit(std::span<const scheduler::record_type> records);
  [[nodiscard]] scheduler::snapshot load() const;
  std::uint64_t next_epoch() { return ++epoch_; }

  [[nodiscard]] const std::map<job_id, job_rows>& jobs() const { return jobs_; }
  [[nodiscard]] const row* find(task_id task) const;

 private:
  struct writer;
  std::map<job_id, job_rows> jobs_;
  std::map<std::string, job_id> keys_;
  std::map<node_id, scheduler::record::node_seen> nodes_;
  std::uint64_t epoch_ = 0;
};

}  // namespace fabric::sim
