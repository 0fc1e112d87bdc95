#include "actors/daemon/background.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "actors/daemon/print.hpp"
#include "actors/daemon/standard_output.hpp"

namespace fabric::daemon {

namespace {

constexpr char served = 'S';
constexpr char refused = 'F';

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const auto got = read(fd, part.data(), part.size());
    if (got <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

void show(const announcement& what) {
  write_output(what.result);
  for (const auto& notice : what.notices) std::fprintf(stderr, "fabricd: %s\n", notice.c_str());
}

/// An announcement as bytes: the result, and each notice behind a zero byte.
std::string packed(const announcement& what) {
  auto all = what.result;
  for (const auto& notice : what.notices) all += '\0' + notice;
  return all;
}

announcement unpacked(std::string_view all) {
  auto end = std::min(all.find('\0'), all.size());
  announcement made{std::string{all.substr(0, end)}, {}};
  while (end < all.size()) {
    all.remove_prefix(end + 1);
    end = std::min(all.find('\0'), all.size());
    made.notices.emplace_back(all.substr(0, end));
  }
  return made;
}

/// What the daemon said through the pipe, as the starter's output and exit status.
int relay(const std::string& said, const std::string& log_path) {
  if (said.empty())
    return complain(
        {fault_code::internal, "the daemon ended before it served", "its log is " + log_path});
  if (said.front() == served) {
    show(unpacked(std::string_view{said}.substr(1)));
    return 0;
  }
  const auto code = static_cast<fault_code>(said.at(1));
  const auto split = said.find('\n', 2);
  return complain({code, said.substr(2, split - 2), said.substr(split + 1)});
}

/// systemd's notification protocol (sd_notify(3)): one datagram to the socket it names.
void notify_systemd(const char* state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (*path != '/' && *path != '@')) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof to.sun_path) return;
  std::memcpy(to.sun_path, path, length);
  if (*path == '@') to.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  sendto(fd, state, std::strlen(state), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
  close(fd);
}

}  // namespace

void readiness::tell(char kind, const std::string& text) {
  if (fd_ < 0) return;
  const auto all = kind + text;
  std::size_t done = 0;
  while (done < all.size()) {
    const auto put = write(fd_, all.data() + done, all.size() - done);
    if (put <= 0) break;
    done += static_cast<std::size_t>(put);
  }
  // After a failure the starter waits for our end, so that whoever tries again finds no lock held.
  if (kind == served && fd_ > STDERR_FILENO) close(fd_);
  fd_ = -1;
}

void readiness::serving(const announcement& what) {
  if (fd_ == STDOUT_FILENO) {
    show(what);
    notify_systemd("READY=1");
    fd_ = -1;
    return;
  }
  tell(served, packed(what));
}

void readiness::failed(const fault& why) {
  if (fd_ == STDOUT_FILENO) {
    complain(why);
    fd_ = -1;
    return;
  }
  tell(refused, static_cast<char>(why.code) + why.detail + "\n" + why.hint);
}

int run_in_background(const std::string& log_path, const std::function<int(readiness&)>& daemon) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0)
    return complain({fault_code::internal, "cannot make a pipe", ""});
  std::fflush(nullptr);
  const pid_t first = fork();
  if (first < 0)
    return complain({fault_code::internal, "cannot fork", "is the process limit reached?"});
  if (first == 0) {
    // Forked twice, so that the daemon has no terminal and no parent that must reap it.
    setsid();
    if (fork() != 0) _exit(0);
    close(pipe_ends[0]);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(nothing, STDIN_FILENO);
    if (log >= 0) {
      dup2(log, STDOUT_FILENO);
      dup2(log, STDERR_FILENO);
    }
    readiness ready{pipe_ends[1]};
    const int status = daemon(ready);
    std::fflush(nullptr);
    _exit(status);
  }
  close(pipe_ends[1]);
  waitpid(first, nullptr, 0);
  const auto said = read_all(pipe_ends[0]);
  close(pipe_ends[0]);
  return relay(said, log_path);
}

int run_in_foreground(const std::function<int(readiness&)>& daemon) {
  readiness ready{STDOUT_FILENO};
  return daemon(ready);
}

}  // namespace fabric::daemon
