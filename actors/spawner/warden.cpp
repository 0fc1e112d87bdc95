#include "actors/spawner/warden.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "actors/spawner/alarm_clock.hpp"
#include "actors/spawner/clocks.hpp"
#include "actors/spawner/fence_board.hpp"
#include "actors/spawner/process_tree.hpp"
#include "actors/spawner/self.hpp"
#include "actors/spawner/spawner_loop.hpp"
#include "actors/spawner/unique_fd.hpp"

namespace fabric::spawner {

namespace {

using namespace std::chrono_literals;

constexpr duration patience = 1600ms;  ///< the spawner's own effort takes 1.5 s at most
constexpr duration fence_patience = 500ms;
constexpr duration sweep_again_after = 20ms;

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

/// When the spawner has to have kept its fence; `never` where it has, or has none.
instant fence_check_at(const fence_board& board) {
  return board.is_kept() ? never : later(board.at(), fence_patience);
}

[[noreturn]] void watch(pid_t spawner, pid_t daemon, const fence_board& board) {
  const unique_fd signals = signal_reader({SIGCHLD, parent_died_signal, look_at_the_board_signal});
  alarm_clock clock;
  instant patient_until = never;
  bool killing = false;
  while (reap(spawner) == children::there) {
    if (patient_until == never && ::getppid() != daemon)
      patient_until = later(boot_now(), patience);
    const instant act_at = std::min(patient_until, fence_check_at(board));
    killing = killing || spawner < 0 || act_at <= boot_now();
    if (killing) kill_trees(own_children());
    clock.wake_by(killing ? later(boot_now(), sweep_again_after) : act_at);

    std::array<pollfd, 2> ready{{{signals.get(), POLLIN, 0}, {clock.fd(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), -1);
    clock.take();
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
  fence_board* board = fence_board::make();
  if (board == nullptr) ::_exit(1);
  const pid_t self = ::getpid();
  const pid_t spawner = ::fork();
  if (spawner < 0) ::_exit(1);
  if (spawner == 0) become_spawner(how, socket, self, *board);
  close_from(3);
  rename_self("fabric-warden");
  ask_to_be_spared();
  watch(spawner, daemon, *board);
}

}  // namespace fabric::spawner
