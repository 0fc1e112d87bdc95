#include "bench/harness/daemon_cluster.hpp"

#include "bench/harness/machine.hpp"

namespace fabric::bench {

namespace {

constexpr auto patience = std::chrono::seconds{60};

}  // namespace

daemon_cluster::daemon_cluster(const settings& how, unsigned cpus)
    : folder_(how),
      daemon_({how.fabricd, "start", "--head", "--block", "--port", "0", "--num-cpus",
               std::to_string(cpus), "--num-gpus", "0", "--no-dashboard", "--state-dir",
               folder_.path() + "/head"},
              {"PATH=/usr/bin:/bin", "HOME=" + folder_.path(),
               "XDG_STATE_HOME=" + folder_.path() + "/state"},
              folder_.path() + "/output") {
  require(daemon_.prints("--token ", patience), how.fabricd + " did not come to serve");
}

daemon_cluster::~daemon_cluster() {
  daemon_.terminate();
  daemon_.wait();
}

double daemon_cluster::resident_mb() const { return megabytes_of(daemon_.pid(), "VmRSS"); }

}  // namespace fabric::bench
