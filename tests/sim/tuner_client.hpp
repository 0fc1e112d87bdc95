#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/tuner/study.hpp"
#include "tests/sim/job_desk.hpp"

namespace fabric::sim {

/// A client that runs a finite study: the tuner's core, its rows on disk, and each trial's attempt
/// as a job with the key study/trial/attempt. After a crash it resumes from its rows, and sometimes
/// goes on listening for what it submitted before.
class tuner_client : public sim_process {
 public:
  tuner_client(world& w, address where, std::uint64_t seed);

  void start();
  void crash(duration down);
  void heal();
  [[nodiscard]] bool is_done() const { return is_done_; }
  [[nodiscard]] std::uint64_t late_tells() const { return late_tells_; }

 private:
  void feed(const tuner::study_event_type& what);
  void store(const tuner::study_command::persist& c);
  void carry_out(const tuner::study_command_type& c);
  void evaluate(tuner::trial_number number, std::uint32_t attempt, std::uint64_t point);
  void ended(tuner::trial_number number, std::uint32_t attempt, const transport::task_finished& m);
  void work();
  [[nodiscard]] std::int64_t wall_ms() const;

  world& w_;
  address where_;
  dice dice_;
  tuner::study_settings how_;
  dialler link_;
  job_desk desk_;
  std::optional<tuner::study> study_;
  std::map<tuner::trial_number, tuner::trial> rows_;
  std::uint64_t start_plan_ = 0;
  std::uint64_t late_tells_ = 0;
  bool is_calm_ = false;  ///< no crash in the middle of a commit any more
  bool is_done_ = false;
};

}  // namespace fabric::sim
