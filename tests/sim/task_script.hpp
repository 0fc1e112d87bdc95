#pragma once

#include <cstdint>
#include <string>

#include "fabric/instant.hpp"

namespace fabric::sim {

/// What a virtual process does; travels as the job's payload (a command_work).
struct task_script {
  duration shortest{0};
  duration longest{0};
  std::uint32_t fails_percent = 0;
  std::uint32_t crashes_percent = 0;
  bool is_trial = false;
  std::uint64_t point = 0;
};

std::string payload_of(const task_script& script);
/// Precondition: made by `payload_of`.
task_script script_of(const std::string& payload);

/// A report that names the run it is about, and a trial's value.
std::string report_of(std::uint64_t run, std::int32_t exit_code, const task_script& script);
/// The value that a trial's report carries.
double value_in(const std::string& report);

}  // namespace fabric::sim
