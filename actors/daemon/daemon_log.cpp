#include "actors/daemon/daemon_log.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

namespace fabric::daemon {

namespace {

/// What poll finds ready takes so much without blocking (pipe(7): it has a page). The file is not
/// made non-blocking: it may be a terminal or a pipe that others write to as well.
constexpr std::size_t part_max = PIPE_BUF;

bool has_room(int fd) {
  pollfd file{.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&file, 1, 0) > 0 && (file.revents & POLLOUT) != 0;
}

ssize_t write_now(int fd, std::string_view part) {
  if (!has_room(fd)) return -1;
  const auto sent = send(fd, part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 && errno == ENOTSOCK ? ::write(fd, part.data(), part.size()) : sent;
}

}  // namespace

void daemon_log::write(std::string_view line) {
  std::string text;
  if (dropped_ > 0)
    text = (is_torn_ ? "\n" : "") + std::string{"fabricd: log lines dropped here, unread: "} +
           std::to_string(dropped_) + "\n";
  text += line;
  if (!put(text)) {
    ++dropped_;
    return;
  }
  dropped_ = 0;
  is_torn_ = false;
}

/// False where not all of it could be written now.
bool daemon_log::put(std::string_view text) {
  for (bool is_first = true; !text.empty(); is_first = false) {
    const auto done = write_now(fd_, text.substr(0, part_max));
    if (done <= 0) {
      is_torn_ = is_torn_ || !is_first;
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

}  // namespace fabric::daemon
