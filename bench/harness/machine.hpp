#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace fabric::bench {

/// What a reader must know of the machine to judge a figure: processor, cores, memory, kernel, and
/// the disk under `folder` with the time that it takes to make a small write durable.
nlohmann::json describe_machine(const std::string& folder);

/// The load averages of 1, 5 and 15 minutes.
nlohmann::json load();

/// A number of /proc/PID/status, as in "PPid" or "VmRSS" (KiB); 0 where it cannot be read.
double status_number(int pid, const std::string& field);

/// The same as megabytes (10^6): "VmRSS" is what is resident, "VmHWM" the most that ever was.
double megabytes_of(int pid, const std::string& field);

/// How often threads of these processes have gone to sleep so far (voluntary context switches):
/// what a round trip is made of is sleepers that are woken.
double sleeps_of(const std::vector<int>& pids);

}  // namespace fabric::bench
