#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/tuner/best_trials.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::daemon {

/// What a person sees while a study runs: a bar on a terminal, a line now and then elsewhere, a
/// JSON line a trial with --json.
class tune_progress {
 public:
  /// `total`: trials that this run is about, where that is known.
  tune_progress(const tuner::study_settings& how, std::optional<std::uint64_t> total, bool as_json);

  /// The best trials of before.
  void known(const std::vector<tuner::trial>& best);
  void trial(const tuner::trial& row);
  void counts(const tuner::study_counts& now);
  /// A line on standard error, beside the bar.
  void notice(const std::string& what);
  /// Ends the bar's line.
  void finish();

 private:
  void draw(bool always);

  tuner::space over_;
  std::optional<std::uint64_t> total_;
  bool as_json_;
  bool terminal_;
  std::uint64_t over_count_ = 0;
  std::uint64_t pruned_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t infeasible_ = 0;
  std::uint64_t leased_ = 0;
  std::uint64_t by_others_ = 0;
  bool is_waiting_ = false;
  bool is_front_;  ///< of several objectives
  tuner::best_trials best_;
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace fabric::daemon
