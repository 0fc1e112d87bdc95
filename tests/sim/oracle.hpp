#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "scheduler/record.hpp"
#include "tests/sim/store_model.hpp"

namespace fabric::sim {

/// The one who sees everything: a ledger of its own of what really ran, what was recorded and what
/// was promised to whom. Its first finding ends the simulation.
class oracle {
 public:
  struct totals {
    std::uint64_t runs = 0;
    std::uint64_t runs_without_result = 0;  ///< started, and not what the final state is about
    std::uint64_t finals = 0;
  };

  void object(std::string what);
  /// An empty claim is none.
  void demand_whole(const std::string& who, const std::string& broken_invariant);
  [[nodiscard]] const std::string& finding() const { return finding_; }

  // What really happens to processes.
  std::uint64_t run_started(attempt_id id, node_id node, const std::vector<gpu_share>& gpus);
  /// `by_itself`: it ran to this end; otherwise it was killed.
  void run_ended(std::uint64_t run, scheduler::ending how, bool by_itself);

  // What the head makes durable, and what it tells.
  void committed(std::span<const scheduler::record_type> records);
  void submission_acknowledged(const std::string& key, const std::string& payload, job_id job,
                               const store_model& store);
  void cancel_acknowledged(job_id job) { cancelled_.insert(job); }
  void told_final(task_id task, scheduler::task_state state);

  // Studies.
  void trial_complete(std::uint64_t point, std::uint64_t trial, attempt_number attempt,
                      double value);
  [[nodiscard]] std::size_t complete_points() const { return points_.size(); }
  /// The key under which a trial's attempt is submitted.
  [[nodiscard]] static std::string trial_key(std::uint64_t trial, attempt_number attempt);
  /// The value that a run of the trial gives: names the run, so that a mix-up shows.
  [[nodiscard]] static double value_of(std::uint64_t point, std::uint64_t run);

  [[nodiscard]] totals count() const;

 private:
  struct run {
    attempt_id id;
    node_id node;
    std::vector<gpu_share> gpus;
    bool is_over = false;
    bool by_itself = false;
    scheduler::ending how = scheduler::ending::succeeded;
  };
  struct final_state {
    scheduler::task_state state;
    attempt_number attempt = 0;
  };

  void check_overlap(attempt_id id, node_id node);
  void check_gpus(node_id node, const std::vector<gpu_share>& gpus);
  void committed(const scheduler::record::task_finished& r);
  void committed(const scheduler::record::attempt_granted& r);
  [[nodiscard]] std::optional<std::uint64_t> run_named_by(const std::string& report) const;

  std::string finding_;
  std::vector<run> runs_;
  std::map<task_id, std::uint64_t> alive_;  ///< task to its one running run
  std::map<attempt_id, std::uint64_t> run_of_;
  std::map<task_id, final_state> finals_;
  std::map<std::string, job_id> promised_;
  std::set<job_id> cancelled_;
  std::map<job_id, std::string> key_of_;
  std::map<std::uint64_t, double> points_;
};

}  // namespace fabric::sim
