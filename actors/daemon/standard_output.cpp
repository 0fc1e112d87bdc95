#include "actors/daemon/standard_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "actors/daemon/print.hpp"

namespace fabric::daemon {

namespace {

/// errno of the first write that failed; 0 while none has.
int failed_with = 0;
bool is_log = false;
std::function<bool()> still_wanted;

constexpr int look_up_every_ms = 50;

/// stdio remembers that a write failed, but not why. Something is lost already, so one byte more
/// asks the system again.
int why_writing_fails() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0) return EPIPE;
  return write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
}

/// Waits for room. A pipe that has some takes PIPE_BUF bytes without blocking, so that nobody is
/// deaf to signals while a pager shows its first page.
bool can_write() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (poll(&output, 1, look_up_every_ms) > 0) return true;
  if (still_wanted && !still_wanted()) failed_with = EPIPE;
  return false;
}

void flush() {
  errno = 0;
  const bool flushed = std::fflush(stdout) == 0;
  const int why = errno;
  if (failed_with != 0 || (flushed && std::ferror(stdout) == 0)) return;
  failed_with = !flushed && why != 0 ? why : why_writing_fails();
}

}  // namespace

void open_standard_files() {
  int made = 0;
  do {
    made = open("/dev/null", O_RDONLY);
  } while (made >= 0 && made <= STDERR_FILENO);
  if (made >= 0) close(made);
}

void write_output(std::string_view text) {
  flush();
  while (failed_with == 0 && !text.empty()) {
    if (!can_write()) continue;
    const auto put =
        write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (put >= 0)
      text.remove_prefix(static_cast<std::size_t>(put));
    else if (errno != EAGAIN && errno != EINTR)
      failed_with = errno;
  }
}

void ask_while_output_waits(std::function<bool()> wanted) { still_wanted = std::move(wanted); }

bool output_works() {
  flush();
  return failed_with == 0;
}

void output_is_a_log() { is_log = true; }

int end_output(int status) {
  if (output_works() || is_log) return status;
  if (failed_with == EPIPE) return status != 0 ? status : 128 + SIGPIPE;
  const int failed =
      remark({fault_code::store_failed,
              std::string{"standard output cannot be written: "} + std::strerror(failed_with),
              "what the command did is done, but not all of it was shown"});
  return status != 0 ? status : failed;
}

}  // namespace fabric::daemon
