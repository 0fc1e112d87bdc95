#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <utility>

#include "actors/spawner/cgroup.hpp"
#include "actors/spawner/frames.hpp"
#include "actors/spawner/process_tree.hpp"
#include "actors/spawner/spawner.hpp"
#include "actors/spawner/unique_fd.hpp"
#include "actors/spawner/warden.hpp"
#include "transport/codec.hpp"

namespace fabric::spawner {

struct link::state {
  unique_fd socket;
  unique_fd shut;  ///< an eventfd that stays readable once `shut` was called
  unique_fd warden_handle;
  pid_t warden = -1;
  pid_t spawner = 0;
  std::mutex sending;
  frame_reader in;  ///< of the reader thread
};

namespace {

constexpr int start_wait_ms = 10'000;
constexpr int end_wait_ms = 3'000;

fault cannot(const char* what) {
  return {fault_code::internal, std::string("cannot ") + what + ": " + std::strerror(errno), ""};
}

/// Threads of this process. Under ThreadSanitizer one more is always there, and is its own.
std::size_t thread_count() {
  std::error_code failed;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/task", failed), end; it != end; ++it)
    ++count;
#ifdef __SANITIZE_THREAD__
  --count;
#endif
  return count;
}

/// Waits until the socket is ready for `events` or hung up. False when `shut` came first.
bool wait_for(int socket, int shut, short events) {
  std::array<pollfd, 2> both{{{socket, events, 0}, {shut, POLLIN, 0}}};
  while (::poll(both.data(), both.size(), -1) < 0 && errno == EINTR) continue;
  return both[1].revents == 0;
}

/// The first bytes on the pair: the spawner's pid, once it is ready. 0 when it never got there.
pid_t first_word(int socket) {
  pid_t pid = 0;
  pollfd one{socket, POLLIN, 0};
  while (::poll(&one, 1, start_wait_ms) < 0 && errno == EINTR) continue;
  const ssize_t n = ::recv(socket, &pid, sizeof pid, MSG_DONTWAIT);
  return n == static_cast<ssize_t>(sizeof pid) ? pid : 0;
}

}  // namespace

link::link(std::unique_ptr<state> s) : state_(std::move(s)) {}
link::link(link&&) noexcept = default;
link& link::operator=(link&& other) noexcept {
  link old(std::move(*this));
  state_ = std::move(other.state_);
  return *this;
}

result<link> link::launch(const options& how) {
  if (thread_count() != 1)
    return fault{fault_code::config, "the spawner cannot be forked from a process that has threads",
                 "launch it before anything that starts a thread"};
  if (!look_at(::getpid()))
    return fault{fault_code::config, "/proc cannot be read, so tasks could not be cleaned up",
                 "mount /proc"};
  if (!how.cgroup_parent.empty())
    if (auto usable = probe_cgroup(how.cgroup_parent); !usable) return usable.error();
  if (how.task_user && ::geteuid() != 0)
    return fault{fault_code::config, "only root can run tasks as another user",
                 "start the daemon as the user that the tasks are to run as"};

  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return cannot("make a pair of sockets");
  auto made = std::make_unique<state>();
  made->socket = unique_fd(ends[0]);
  unique_fd theirs(ends[1]);
  made->shut = unique_fd(::eventfd(0, EFD_CLOEXEC));
  if (!made->shut) return cannot("make an event descriptor");

  const pid_t self = ::getpid();
  made->warden = ::fork();
  if (made->warden < 0) return cannot("fork the spawner");
  if (made->warden == 0) become_warden(how, theirs.get(), self);
  theirs.reset();
  made->warden_handle = unique_fd(static_cast<int>(::syscall(SYS_pidfd_open, made->warden, 0)));
  made->spawner = first_word(made->socket.get());
  const bool ready = made->spawner > 0 && made->warden_handle;
  link started(std::move(made));
  if (!ready)
    return fault{fault_code::internal, "the spawner did not start", "see what it said on stderr"};
  return started;
}

link::~link() {
  if (!state_) return;
  state_->socket.reset();
  pollfd over{state_->warden_handle.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&over, 1, end_wait_ms)) < 0 && errno == EINTR) continue;
  if (ready == 0) ::kill(state_->warden, SIGKILL);
  while (::waitpid(state_->warden, nullptr, 0) < 0 && errno == EINTR) continue;
}

result<void> link::send(const transport::spawner::message& m) {
  const std::string body = transport::encode(m);
  if (body.size() > transport::data_frame_bytes_max)
    return fault{fault_code::too_large,
                 "a message of " + std::to_string(body.size()) + " bytes for the spawner",
                 "give the task less on its standard input"};
  std::string frame;
  frame.reserve(body.size() + sizeof(std::uint32_t));
  append_frame(frame, body);

  const fault gone{fault_code::unreachable, "the spawner is gone", "restart the daemon"};
  const std::lock_guard hold(state_->sending);
  for (std::size_t done = 0; done < frame.size();) {
    const ssize_t n = ::send(state_->socket.get(), frame.data() + done, frame.size() - done,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      if (!wait_for(state_->socket.get(), state_->shut.get(), POLLOUT)) return gone;
    } else if (errno != EINTR) {
      return gone;
    }
  }
  return {};
}

std::optional<transport::spawner::message> link::receive() {
  std::array<char, 64 << 10> bytes;
  while (true) {
    auto body = state_->in.next();
    if (!body) return {};
    if (*body) {
      auto message = transport::decode_spawner_message(**body);
      // Bytes of our own build that make no sense: nothing that follows can be trusted either.
      if (!message) return {};
      return std::move(*message);
    }
    if (!wait_for(state_->socket.get(), state_->shut.get(), POLLIN)) return {};
    const ssize_t n = ::recv(state_->socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) {
      // The warden goes last, when no process of any task is left.
      wait_for(state_->warden_handle.get(), state_->shut.get(), POLLIN);
      return {};
    }
    state_->in.take({bytes.data(), static_cast<std::size_t>(n)});
  }
}

void link::shut() {
  const std::uint64_t one = 1;
  while (::write(state_->shut.get(), &one, sizeof one) < 0 && errno == EINTR) continue;
}

pid_t link::pid() const { return state_ ? state_->spawner : 0; }

}  // namespace fabric::spawner
