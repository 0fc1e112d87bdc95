#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "actors/spawner/spawner.hpp"

/// Tasks per second of /bin/true: through the spawner, message round trip and all, with some in
/// flight, against a bare posix_spawn and waitpid loop with as many in flight.
///   spawner_rate [tasks of each measurement]
namespace {

using clock_type = std::chrono::steady_clock;
using namespace fabric;

double rate(std::uint64_t count, clock_type::time_point since) {
  return static_cast<double>(count) /
         std::chrono::duration<double>(clock_type::now() - since).count();
}

double bare_rate(std::uint64_t count, std::uint64_t in_flight) {
  std::array<char, 10> program{"/bin/true"};
  std::array<char*, 2> argv{program.data(), nullptr};
  std::array<char, 14> path{"PATH=/usr/bin"};
  std::array<char*, 2> env{path.data(), nullptr};
  const auto since = clock_type::now();
  std::uint64_t begun = 0;
  for (std::uint64_t ended = 0; ended < count; ++ended) {
    while (begun < count && begun - ended < in_flight) {
      pid_t pid = 0;
      if (::posix_spawn(&pid, program.data(), nullptr, nullptr, argv.data(), env.data()) != 0)
        std::abort();
      ++begun;
    }
    if (::waitpid(-1, nullptr, 0) < 0) std::abort();
  }
  return rate(count, since);
}

double spawner_rate(spawner::link& link, std::uint64_t count, std::uint64_t in_flight) {
  transport::spawner::start what;
  what.argv = {"/bin/true"};
  what.env = {"PATH=/usr/bin"};
  what.output_bytes_max = 1 << 20;
  const auto since = clock_type::now();
  std::uint64_t begun = 0;
  for (std::uint64_t ended = 0; ended < count;) {
    while (begun < count && begun - ended < in_flight) {
      what.id = {{job_id{++begun}, 0}, 1};
      if (!link.send(what)) std::abort();
    }
    const auto m = link.receive();
    if (!m) std::abort();
    if (std::holds_alternative<transport::spawner::process_ended>(*m)) ++ended;
  }
  return rate(count, since);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2000;
  std::printf("in flight   bare/s   spawner/s   ratio\n");
  for (const std::uint64_t in_flight : {1, 2, 4, 8, 16}) {
    const double bare = bare_rate(count, in_flight);
    auto link = spawner::link::launch({});
    if (!link) return 1;
    const double ours = spawner_rate(*link, count, in_flight);
    std::printf("%9lu %8.0f %11.0f %7.2f\n", static_cast<unsigned long>(in_flight), bare, ours,
                ours / bare);
  }
}
