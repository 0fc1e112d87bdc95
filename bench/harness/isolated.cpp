#include "bench/harness/isolated.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>

#include "bench/harness/line_pipe.hpp"

namespace fabric::bench {

using nlohmann::json;

namespace {

std::string answer_of(const bench_case& what, const settings& how) {
  json answer;
  try {
    answer["figures"] = what.run(how);
  } catch (const std::exception& why) {
    answer = {{"failed", why.what()}};
  }
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return std::string{"the case died of "} + strsignal(WTERMSIG(status));
  return "the case ended with status " + std::to_string(WEXITSTATUS(status)) + " and no figures";
}

}  // namespace

outcome run_isolated(const bench_case& what, const settings& how) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return {{}, std::string{"no pipe: "} + std::strerror(errno)};
  const pid_t child = fork();
  if (child < 0) return {{}, std::string{"no process: "} + std::strerror(errno)};
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    write_line(ends[1], answer_of(what, how));
    _exit(0);
  }
  close(ends[1]);
  const auto line = read_line(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const auto answer = json::parse(line.value_or(""), nullptr, false);
  if (answer.is_discarded()) return {{}, describe_end(status)};
  if (answer.contains("failed")) return {{}, answer["failed"].get<std::string>()};
  return {answer.at("figures").get<std::vector<measurement>>(), ""};
}

}  // namespace fabric::bench
