#pragma once

#include <string>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/program.hpp"
#include "bench/harness/scratch.hpp"

namespace fabric::bench {

/// A cluster as users have it: the daemon, head and only node in one, that offers so many CPUs.
/// Ends with the object.
class daemon_cluster {
 public:
  daemon_cluster(const settings& how, unsigned cpus);
  ~daemon_cluster();

  /// The cluster.json that sessions are opened with.
  [[nodiscard]] std::string file() const { return folder_.path() + "/head/cluster.json"; }
  [[nodiscard]] const std::string& folder() const { return folder_.path(); }
  /// The daemon and all that it started: its spawner, and the workers that there are now.
  [[nodiscard]] std::vector<int> processes() const { return family_of(daemon_.pid()); }
  /// Resident megabytes (10^6) of the daemon, without its spawner and the workers.
  [[nodiscard]] double resident_mb() const;

 private:
  scratch folder_;
  program daemon_;
};

}  // namespace fabric::bench
