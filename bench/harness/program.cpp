#include "bench/harness/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/machine.hpp"

namespace fabric::bench {

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// To read from, and to write to.
using both_ends = std::array<int, 2>;

both_ends ends_of_pipe() {
  both_ends ends{};
  require(pipe2(ends.data(), O_CLOEXEC) == 0, "no pipe");
  return ends;
}

both_ends ends_of_file(const std::string& path) {
  const int to = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const int from = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  require(to >= 0 && from >= 0, "cannot make " + path);
  return {from, to};
}

bool is_running(pid_t pid) {
  siginfo_t ended{};
  return waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0;
}

}  // namespace

program::program(std::vector<std::string> words, std::vector<std::string> environment,
                 const std::string& output)
    : is_file_(!output.empty()) {
  require(access(words.front().c_str(), X_OK) == 0, "there is no program " + words.front());
  const auto ends = is_file_ ? ends_of_file(output) : ends_of_pipe();
  const auto argv = pointers(words);
  const auto env = pointers(environment);
  pid_ = fork();
  require(pid_ >= 0, "no process for " + words.front());
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // a daemon must not outlive a case that is killed
    dup2(ends[1], STDOUT_FILENO);
    execve(argv.front(), argv.data(), env.data());
    _exit(127);
  }
  close(ends[1]);
  output_ = ends[0];
}

program::~program() {
  if (pid_ != 0) {
    kill(pid_, SIGKILL);
    wait();
  }
  close(output_);
}

bool program::prints(const std::string& word, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd one{output_, POLLIN, 0};
    if (poll(&one, 1, static_cast<int>(left.count())) <= 0) continue;
    const auto got = read(output_, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 && is_file_ && is_running(pid_)) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
      continue;
    }
    if (got <= 0) return false;
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.find(word) != std::string::npos) return true;
  }
}

void program::terminate() { kill(pid_, SIGTERM); }

int program::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::vector<int> family_of(int pid) {
  std::vector<int> family{pid};
  for (std::size_t i = 0; i < family.size(); ++i) {
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
      const auto name = entry.path().filename().string();
      int other = 0;
      std::from_chars(name.data(), name.data() + name.size(), other);
      if (other > 0 && status_number(other, "PPid") == family[i]) family.push_back(other);
    }
  }
  return family;
}

}  // namespace fabric::bench
