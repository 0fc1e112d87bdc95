#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/harness/measurement.hpp"
#include "fabric/result.hpp"

namespace fabric::bench {

struct settings {
  bool smoke = false;  ///< tiny sizes: proves that the cases work, measures nothing
  std::uint64_t seed = 1;
  std::string fabricd;  ///< path of the daemon
  std::string folder;   ///< where scratch folders go: on the disk that is to be measured
};

/// A case did not do what it was to do, so that its figures would mean nothing. Thrown out of a
/// case and caught where cases are run.
struct case_failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
inline void require(bool claim, const std::string& what) {
  if (!claim) throw case_failed{what};
}
template <class T>
T require(result<T> outcome) {
  if (!outcome) throw case_failed{to_line(outcome.error())};
  return std::move(*outcome);
}
inline void require(result<void> outcome) {
  if (!outcome) throw case_failed{to_line(outcome.error())};
}

/// A scenario. `run` gets a fresh process with a single thread.
struct bench_case {
  std::string name;
  std::string about;
  std::vector<measurement> (*run)(const settings&);
  bool is_long = false;  ///< many minutes: run where it is named, and in smoke runs
};

/// In the order in which they are run.
const std::vector<bench_case>& all_cases();

std::vector<measurement> local_calls(const settings& how);
std::vector<measurement> cluster_calls(const settings& how);
std::vector<measurement> actor_calls(const settings& how);
std::vector<measurement> caf_messages(const settings& how);
std::vector<measurement> put_get(const settings& how);
std::vector<measurement> growth(const settings& how);
std::vector<measurement> command_tasks(const settings& how);
std::vector<measurement> request_round_trip(const settings& how);
std::vector<measurement> request_rate(const settings& how);
std::vector<measurement> ask_tell(const settings& how);
std::vector<measurement> sampler_cost(const settings& how);
std::vector<measurement> sampler_quality(const settings& how);
std::vector<measurement> complaints(const settings& how);
std::vector<measurement> decisions(const settings& how);
std::vector<measurement> objects_shared(const settings& how);
std::vector<measurement> daemon_start(const settings& how);

}  // namespace fabric::bench
