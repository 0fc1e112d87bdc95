#include "actors/daemon/reported_lines.hpp"

#include <re2/re2.h>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>

extern char** environ;

namespace fabric::daemon {

namespace {

using clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds{10};

/// All of it; false where nobody reads our output any more.
bool pass_on(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

fault cannot_start(const std::string& name, int why) {
  return {why == ENOENT ? fault_code::not_found : fault_code::config,
          "cannot start '" + name + "': " + std::strerror(why), "the command stands behind --"};
}

struct child {
  pid_t pid = 0;
  int output = -1;
};

result<child> start(const std::vector<std::string>& argv) {
  std::array<int, 2> out{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0)
    return fault{fault_code::internal, std::string{"no pipe: "} + std::strerror(errno), ""};
  std::vector<std::string> words = argv;
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
  child made{.output = out[0]};
  const int failed =
      ::posix_spawnp(&made.pid, pointers.front(), &files, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  ::close(out[1]);
  if (failed == 0) return made;
  ::close(out[0]);
  return cannot_start(argv.front(), failed);
}

/// Milliseconds until then, for poll; -1 for never.
int until(const std::optional<clock::time_point>& then) {
  if (!then) return -1;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*then - clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

int status_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

void line_cutter::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    line_.append(part.substr(0, report_line_max - std::min(report_line_max, line_.size())));
    if (end == std::string_view::npos) return;
    finish();
    bytes.remove_prefix(end + 1);
  }
}

void line_cutter::finish() {
  if (!line_.empty()) each_(line_);
  line_.clear();
}

struct report_pattern::parts {
  RE2 expression;
};

report_pattern::report_pattern(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
report_pattern::~report_pattern() = default;
report_pattern::report_pattern(report_pattern&&) noexcept = default;
report_pattern& report_pattern::operator=(report_pattern&&) noexcept = default;

result<report_pattern> report_pattern::make(const std::string& expression) {
  RE2::Options how{RE2::Latin1};  // what commands print may be any bytes
  how.set_log_errors(false);
  std::unique_ptr<parts> made{new parts{.expression{expression, how}}};
  if (!made->expression.ok())
    return fault{fault_code::usage,
                 "--lines '" + expression + "' is no expression: " + made->expression.error(),
                 "RE2 is spoken here"};
  if (made->expression.NumberOfCapturingGroups() != 2)
    return fault{fault_code::usage, "--lines '" + expression + "' has not two groups",
                 R"(the first is the step, the second the value, as in 'epoch (\d+): loss (\S+)')"};
  return report_pattern{std::move(made)};
}

std::optional<report_pattern::words> report_pattern::in(const std::string& line) const {
  words found;
  if (!RE2::PartialMatch(line, parts_->expression, &found.step, &found.value)) return std::nullopt;
  return found;
}

result<int> run_listening(const std::vector<std::string>& argv,
                          const std::function<tuner::verdict(const std::string& line)>& said) {
  auto running = start(argv);
  if (!running) return std::move(running).error();
  std::optional<clock::time_point> killed_at;
  bool is_stopping = false;
  const auto stop = [&] {
    if (std::exchange(is_stopping, true)) return;
    ::kill(running->pid, SIGTERM);
    killed_at = clock::now() + patience;
  };
  line_cutter lines{[&](const std::string& line) {
    if (!is_stopping && said(line) == tuner::verdict::stop) stop();
  }};
  std::array<char, 16384> part{};
  for (;;) {
    pollfd waits{.fd = running->output, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waits, 1, until(killed_at));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      ::kill(running->pid, SIGKILL);
      break;  // what it started may hold the pipe open for ever
    }
    const auto n = ::read(running->output, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    const std::string_view bytes{part.data(), static_cast<std::size_t>(n)};
    if (!pass_on(bytes)) stop();
    lines.take(bytes);
  }
  lines.finish();
  ::close(running->output);
  return status_of(running->pid);
}

}  // namespace fabric::daemon
