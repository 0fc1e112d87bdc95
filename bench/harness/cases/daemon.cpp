#include <unistd.h>

#include <thread>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/machine.hpp"
#include "bench/harness/program.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/scratch.hpp"

namespace fabric::bench {

namespace {

constexpr auto patience = std::chrono::seconds{60};
constexpr auto settle = std::chrono::seconds{1};  ///< from serving until a daemon counts as idle

struct one_start {
  double serving_ms = 0;
  double daemon_mb = 0;
  double daemon_own_mb = 0;  ///< without pages of files, which processes share
  double others_mb = 0;      ///< the spawner and its warden
};

void weigh(int daemon, one_start& seen) {
  for (const int pid : family_of(daemon)) {
    const double resident = megabytes_of(pid, "VmRSS");
    if (pid == daemon) {
      seen.daemon_mb = resident;
      seen.daemon_own_mb = megabytes_of(pid, "RssAnon");
    } else {
      seen.others_mb += resident;
    }
  }
  require(seen.daemon_mb > 0 && seen.others_mb > 0, "a daemon and a spawner were to be seen");
}

one_start start_once(const settings& how) {
  const scratch folder{how};
  one_start seen;
  const auto began = timer::now();
  program daemon{{how.fabricd, "start", "--head", "--block", "--port", "0", "--num-cpus", "1",
                  "--state-dir", folder.path() + "/head"},
                 {"PATH=/usr/bin:/bin", "HOME=" + folder.path(),
                  "XDG_STATE_HOME=" + folder.path() + "/state"}};
  require(daemon.prints("--token ", patience), how.fabricd + " did not come to serve");
  seen.serving_ms = seconds_since(began) * 1e3;
  std::this_thread::sleep_for(settle);
  weigh(daemon.pid(), seen);
  daemon.terminate();
  const int status = daemon.wait();
  require(status == 0, "the daemon ended with status " + std::to_string(status));
  return seen;
}

double version_ms(const settings& how) {
  const auto began = timer::now();
  program shown{{how.fabricd, "version"}, {"PATH=/usr/bin:/bin"}};
  require(shown.wait() == 0, "`" + how.fabricd + " version` failed");
  return seconds_since(began) * 1e3;
}

measurement memory(const std::string& figure, const std::vector<double>& megabytes) {
  measurement m{.case_name = "daemon", .figure = figure, .unit = "MB"};
  fill(m, megabytes);
  return m;
}

}  // namespace

std::vector<measurement> daemon_start(const settings& how) {
  require(access(how.fabricd.c_str(), X_OK) == 0,
          "there is no daemon at " + how.fabricd + "; build fabricd or give --fabricd");
  std::vector<double> resident;
  std::vector<double> own;
  std::vector<double> others;
  measurement serving{.case_name = "daemon", .figure = "start to serving", .unit = "ms"};
  const auto taken = take_in_turn(
      how.smoke ? 1 : 9, [&how] { return version_ms(how); },
      [&] {
        const auto seen = start_once(how);
        resident.push_back(seen.daemon_mb);
        own.push_back(seen.daemon_own_mb);
        others.push_back(seen.others_mb);
        return seen.serving_ms;
      });
  fill(serving, taken);
  serving.floor_name = "fabricd version";
  serving.wanted = aim{aim::measure::value, aim::side::at_most, 200};
  auto idle = memory("idle resident memory", resident);
  idle.wanted = aim{aim::measure::value, aim::side::at_most, 20};
  idle.extra["of it not shared (RssAnon)"] = median(own);
  return {serving, idle, memory("spawner and warden, resident", others)};
}

}  // namespace fabric::bench
