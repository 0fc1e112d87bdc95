#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "scheduler/record.hpp"

namespace fabric::scheduler {

/// The rows that a real store would have, with its constraints as test failures.
class memory_store {
 public:
  void apply(const record_type& what) {
    std::visit([this](const auto& r) { on(r); }, what);
  }

  [[nodiscard]] snapshot live() const {
    snapshot s;
    for (const auto& [id, row] : jobs_) {
      s.last_job = std::max(s.last_job, id);
      if (is_done(row)) {
        const bool all_succeeded = succeeded(row) == row.what->count;
        s.finished.push_back({id, all_succeeded, row.what->key, content_hash(*row.what)});
        continue;
      }
      snapshot::job_row live{id, row.what, row.is_cancelled, {}};
      for (const auto& [index, task] : row.tasks) live.touched.push_back(task);
      s.jobs.push_back(std::move(live));
    }
    for (const auto& [id, row] : nodes_) s.nodes.push_back(row);
    return s;
  }

  [[nodiscard]] std::size_t finals() const { return finals_; }
  [[nodiscard]] std::size_t grants() const { return grants_; }

 private:
  struct job_row {
    std::shared_ptr<const job> what;
    bool is_cancelled = false;
    std::map<std::uint32_t, snapshot::task> tasks;
  };

  static std::size_t succeeded(const job_row& row) {
    return static_cast<std::size_t>(std::count_if(row.tasks.begin(), row.tasks.end(), [](auto& t) {
      return t.second.state == task_state::succeeded;
    }));
  }
  static bool is_done(const job_row& row) {
    std::size_t final = 0;
    bool holds = false;
    for (const auto& [index, task] : row.tasks) {
      final += is_final(task.state) ? 1 : 0;
      holds = holds || task.state == task_state::running;
    }
    return final == row.what->count || (row.is_cancelled && !holds);
  }

  snapshot::task& row_of(task_id id) {
    EXPECT_TRUE(jobs_.contains(id.job)) << "a task of an unknown job is recorded";
    auto& row = jobs_[id.job].tasks[id.index];
    row.index = id.index;
    EXPECT_FALSE(is_final(row.state)) << to_string(id) << " changes after its final state";
    return row;
  }

  void on(const record::job_added& r) {
    EXPECT_FALSE(jobs_.contains(r.id)) << "a job number is used twice";
    jobs_[r.id].what = r.what;
  }
  void on(const record::attempt_granted& r) {
    auto& row = row_of(r.id.task);
    EXPECT_NE(row.state, task_state::running) << to_string(r.id) << " is granted while held";
    EXPECT_EQ(r.id.attempt, row.attempt + 1) << to_string(r.id);
    row.state = task_state::running;
    row.attempt = r.id.attempt;
    row.node = r.node;
    row.gpus = r.gpus;
    ++grants_;
  }
  void on(const record::task_released& r) {
    auto& row = row_of(r.task);
    EXPECT_EQ(row.state, task_state::running) << to_string(r.task) << " is released, not held";
    EXPECT_EQ(row.attempt, r.last_attempt);
    row.state = task_state::queued;
    row.failures = r.failures;
    row.crashes = r.crashes;
    row.lost = r.lost;
  }
  void on(const record::task_finished& r) {
    auto& row = row_of(r.task);
    EXPECT_TRUE(is_final(r.state));
    row.state = r.state;
    row.attempt = r.attempt;
    ++finals_;
  }
  void on(const record::job_cancelled& r) {
    auto& job = jobs_.at(r.job);
    job.is_cancelled = true;
    for (auto& [index, task] : job.tasks)
      if (task.state == task_state::queued) task.state = task_state::cancelled;
  }
  void on(const record::node_seen& r) { nodes_[r.node] = r; }
  void on(const record::node_forgotten& r) { nodes_.erase(r.node); }

  std::map<job_id, job_row> jobs_;
  std::map<node_id, record::node_seen> nodes_;
  std::size_t finals_ = 0;
  std::size_t grants_ = 0;
};

}  // namespace fabric::scheduler
