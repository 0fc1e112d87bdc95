#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/direction_flags.hpp"
#include "actors/daemon/work_flags.hpp"
#include "actors/tune/objective_value.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::daemon {

/// `fabricd tune` as typed.
struct tune_flags : client_flags, work_flags, direction_flags {
  std::string study;
  std::vector<std::string> parameters;
  std::string sampler = "random";
  std::string pruner = "none";
  std::string trials;
  std::string parallel;
  std::string stop_after;
  std::string until;
  std::string patience;
  std::string storage;
  bool load_if_exists = false;
  std::string duplicates = "never";
  std::vector<std::string> values;
  std::vector<std::string> constraints;
  std::string seed;
  std::uint32_t retries = 0;
  int priority = 0;
  bool local = false;
};
void add_tune_flags(CLI::App& command, tune_flags& to);

/// The same, checked.
struct tune_options {
  tuner::study_settings study;
  bool parallel_given = false;
  actors::output_rules output;
  demand needs;
  duration time_limit{0};   ///< of the whole run (--timeout); 0 is none
  duration trial_limit{0};  ///< of each attempt of a trial; 0 is none
  transport::command_work pattern;
  std::string storage;  ///< URL
};
/// Faults: usage.
result<tune_options> check(const tune_flags& flags, const tail& command);

/// The parameters as typed. Faults: usage.
result<tuner::space> space_of(const std::vector<std::string>& texts);
/// "never", "cached" or "allow". Faults: usage.
result<tuner::duplicates> duplicates_of(const std::string& word);

}  // namespace fabric::daemon
