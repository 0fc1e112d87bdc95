#include "actors/spawner/warden.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "actors/spawner/clocks.hpp"
#include "actors/spawner/process_tree.hpp"
#include "actors/spawner/self.hpp"
#include "actors/spawner/spawner_loop.hpp"
#include "actors/spawner/unique_fd.hpp"

namespace fabric::spawner {

namespace {

using namespace std::chrono_literals;

constexpr duration patience = 1600ms;  ///< the spawner's own effort takes 1.5 s at most
constexpr int look_again_ms = 20;

unique_fd signal_reader() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGCHLD);
  sigaddset(&wanted, parent_died_signal);
  return unique_fd(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
}

enum class children { there, none };

/// Takes leave of all that have ended; `spawner` becomes -1 if it was among them.
children reap(pid_t& spawner) {
  while (true) {
    const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
    if (pid == 0) return children::there;
    if (pid < 0 && errno != EINTR) return children::none;
    if (pid == spawner) spawner = -1;
  }
}

int milliseconds_until(instant at) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at - boot_now());
  return static_cast<int>(std::max<std::int64_t>(left.count() + 1, 0));
}

[[noreturn]] void watch(pid_t spawner, pid_t daemon) {
  const unique_fd signals = signal_reader();
  instant kill_at = never;
  while (reap(spawner) == children::there) {
    if (kill_at == never && ::getppid() != daemon) kill_at = later(boot_now(), patience);
    const bool killing = spawner < 0 || kill_at <= boot_now();
    if (killing) kill_trees(own_children());
    int wait_ms = -1;
    if (killing)
      wait_ms = look_again_ms;
    else if (kill_at != never)
      wait_ms = milliseconds_until(kill_at);
    pollfd ready{signals.get(), POLLIN, 0};
    ::poll(&ready, 1, wait_ms);
    signalfd_siginfo drained{};
    while (::read(signals.get(), &drained, sizeof drained) > 0) continue;
  }
  ::_exit(0);
}

/// The daemon's terminal or log stays as stderr, for our last words.
void detach_stdio() {
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  if (::fcntl(STDERR_FILENO, F_GETFD) < 0) ::dup2(nothing, STDERR_FILENO);
  if (nothing > STDERR_FILENO) ::close(nothing);
}

}  // namespace

void become_warden(const options& how, int socket, pid_t daemon) {
  take_no_signals();
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, parent_died_signal);
  if (::getppid() != daemon) ::_exit(0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  detach_stdio();
  if (::chdir("/") != 0) ::_exit(1);
  const pid_t self = ::getpid();
  const pid_t spawner = ::fork();
  if (spawner < 0) ::_exit(1);
  if (spawner == 0) become_spawner(how, socket, self);
  close_from(3);
  rename_self("fabric-warden");
  ask_to_be_spared();
  watch(spawner, daemon);
}

}  // namespace fabric::spawner
