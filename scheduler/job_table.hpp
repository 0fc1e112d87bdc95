#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "scheduler/engine.hpp"
#include "scheduler/stored_job.hpp"

namespace fabric::scheduler {

/// Names a demand that several jobs share (waiting_line.hpp).
using class_number = std::uint32_t;

/// A task that was granted at least once, or that otherwise differs from how it was submitted, and
/// is not final.
struct touched_task {
  task_state state = task_state::queued;  ///< queued, backing_off, granted or running
  attempt_number attempt = 0;             ///< the newest
  std::uint32_t failures = 0;
  std::uint32_t crashes = 0;  ///< in a row
  std::uint32_t lost = 0;
  instant due = never;  ///< end of the wait, where backing off
};

/// What a job gets when its first task is touched. A job that only waits has none.
struct job_progress {
  std::map<std::uint32_t, touched_task> touched;  ///< by index
  std::set<std::uint32_t> ready;                  ///< the queued ones among them
  std::vector<task_state> finals;  ///< by offset, `queued` for not final; empty while none is final
  instant served{};                ///< when a task of the job last ended with a recorded result
  std::uint32_t held = 0;
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;  ///< failed, poisoned, expired
  std::uint32_t cancelled = 0;
};

/// A job with a task that is not final. Tasks are fresh (as submitted), touched or final; the
/// invariant is fresh + touched + final = count.
struct job_entry {
  job_entry(job_id number, stored_job kept, class_number demands, instant now);

  job_id id;
  stored_job what;
  class_number needs;
  instant submitted;
  std::uint32_t next_fresh = 0;  ///< offset; everything fresh is at or behind it
  std::uint32_t fresh;           ///< how many
  bool is_cancelled = false;
  bool is_blocked = false;  ///< waits for other jobs
  bool is_in_line = false;
  std::unique_ptr<job_progress> progress;

  [[nodiscard]] std::uint32_t first() const { return what.shape().first_index; }
  [[nodiscard]] std::uint32_t count() const { return what.shape().count; }
  [[nodiscard]] bool has_index(std::uint32_t index) const {
    return index >= first() && index - first() < count();
  }
  [[nodiscard]] std::uint32_t held() const { return progress ? progress->held : 0; }
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] bool has_queued() const {
    return fresh > 0 || (progress && !progress->ready.empty());
  }
  [[nodiscard]] bool is_done() const { return waiting() == 0 && held() == 0; }
  [[nodiscard]] bool all_succeeded() const { return progress && progress->succeeded == count(); }
  /// Since when it has gone without being served.
  [[nodiscard]] instant unserved_since() const;

  [[nodiscard]] task_state state_of(std::uint32_t index) const;
  [[nodiscard]] const touched_task* touched(std::uint32_t index) const;
  [[nodiscard]] touched_task* touched(std::uint32_t index);
  [[nodiscard]] bool is_fresh(std::uint32_t index) const;

  job_progress& progressed();
  /// The queued task that goes next: what was tried before, then fresh ones, in index order.
  [[nodiscard]] std::optional<std::uint32_t> next_queued();
  /// The lowest index that was never touched.
  [[nodiscard]] std::optional<std::uint32_t> next_untouched();
  /// A fresh task becomes a touched one, in state queued and ready.
  touched_task& touch(std::uint32_t index);
  /// A fresh or touched task becomes final.
  void settle(std::uint32_t index, task_state how);

 private:
  void skip_to_fresh();
};

/// The jobs that still have something to do, by number.
class job_table {
 public:
  [[nodiscard]] job_entry* find(job_id id);
  [[nodiscard]] const job_entry* find(job_id id) const;
  job_entry& add(job_id id, const std::shared_ptr<const job>& what, class_number needs,
                 instant now);
  void erase(job_id id);

  /// Of the texts of all jobs: what clients make us hold, beside a fixed size for each job.
  [[nodiscard]] std::size_t text_bytes() const { return text_bytes_; }

  [[nodiscard]] const std::map<job_id, job_entry>& all() const { return jobs_; }
  [[nodiscard]] std::map<job_id, job_entry>& all() { return jobs_; }

 private:
  job_shapes shapes_;
  std::map<job_id, job_entry> jobs_;
  std::size_t text_bytes_ = 0;
};

}  // namespace fabric::scheduler
