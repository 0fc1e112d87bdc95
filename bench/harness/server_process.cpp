#include "bench/harness/server_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/line_pipe.hpp"

namespace fabric::bench {

server_process::server_process(
    const std::function<void(const std::function<void(const std::string&)>&)>& serve) {
  std::array<int, 2> ends{};
  require(pipe2(ends.data(), O_CLOEXEC) == 0, "no pipe to the server");
  pid_ = fork();
  require(pid_ >= 0, "no process for the server");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    try {
      serve([&ends](const std::string& line) {
        if (!write_line(ends[1], line)) _exit(1);
      });
      for (;;) pause();
    } catch (const std::exception& why) {
      std::fprintf(stderr, "fabric-bench: the server failed: %s\n", why.what());
    }
    _exit(1);
  }
  close(ends[1]);
  const auto line = read_line(ends[0]);
  close(ends[0]);
  require(line.has_value(), "the server ended before it served");
  line_ = *line;
}

server_process::~server_process() {
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace fabric::bench
