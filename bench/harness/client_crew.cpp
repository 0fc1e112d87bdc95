#include "bench/harness/client_crew.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <exception>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/line_pipe.hpp"

namespace fabric::bench {

namespace {

constexpr char failed = '!';

std::string answer_to(const std::string& order, const std::function<client_crew::client()>& make,
                      client_crew::client& own) {
  try {
    if (!own) own = make();
    return std::to_string(own(order));
  } catch (const std::exception& why) {
    std::string text = failed + std::string{why.what()};
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  }
}

/// Until no more orders can come.
void serve(int orders, int answers, const std::function<client_crew::client()>& make) {
  client_crew::client own;
  while (const auto order = read_line(orders))
    if (!write_line(answers, answer_to(*order, make, own))) return;
}

}  // namespace

client_crew::client_crew(std::size_t count, const std::function<client(std::size_t)>& make) {
  for (std::size_t i = 0; i < count; ++i) {
    std::array<int, 2> orders{};
    std::array<int, 2> answers{};
    require(pipe2(orders.data(), O_CLOEXEC) == 0 && pipe2(answers.data(), O_CLOEXEC) == 0,
            "no pipe to a client");
    const pid_t pid = fork();
    require(pid >= 0, "no process for a client");
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      // Else those before this one would not see the end of their orders.
      for (const auto& other : members_) close(other.orders);
      close(orders[1]);
      close(answers[0]);
      serve(orders[0], answers[1], [&make, i] { return make(i); });
      _exit(0);
    }
    close(orders[0]);
    close(answers[1]);
    members_.push_back({pid, orders[1], answers[0]});
  }
}

client_crew::~client_crew() {
  for (const auto& one : members_) {
    close(one.orders);
    close(one.answers);
  }
  for (const auto& one : members_)
    while (waitpid(one.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void client_crew::give(std::size_t which, const std::string& order) {
  require(which < members_.size(), "there are not so many clients");
  require(write_line(members_[which].orders, order), "a client is gone");
}

std::string client_crew::hear(std::size_t which) {
  const auto answer = read_line(members_[which].answers);
  require(answer.has_value(), "a client died");
  return *answer;
}

std::vector<double> client_crew::tell(std::size_t count, const std::string& order) {
  for (std::size_t i = 0; i < count; ++i) give(i, order);
  std::vector<double> numbers;
  std::string first_failure;
  for (std::size_t i = 0; i < count; ++i) {
    const auto answer = hear(i);
    if (answer.front() == failed && first_failure.empty()) first_failure = answer.substr(1);
    numbers.push_back(std::strtod(answer.c_str(), nullptr));
  }
  require(first_failure.empty(), first_failure);
  return numbers;
}

void client_crew::tell_in_turn(std::size_t count, const std::string& order) {
  for (std::size_t i = 0; i < count; ++i) {
    give(i, order);
    const auto answer = hear(i);
    require(answer.front() != failed, answer.substr(1));
  }
}

}  // namespace fabric::bench
