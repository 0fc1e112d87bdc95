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
        const auto text = line + "\n";
        if (write(ends[1], text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(1);
      });
      for (;;) pause();
    } catch (const std::exception& why) {
      std::fprintf(stderr, "fabric-bench: the server failed: %s\n", why.what());
    }
    _exit(1);
  }
  close(ends[1]);
  char byte = 0;
  while (read(ends[0], &byte, 1) == 1 && byte != '\n') line_ += byte;
  close(ends[0]);
  require(byte == '\n', "the server ended before it served");
}

server_process::~server_process() {
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace fabric::bench
