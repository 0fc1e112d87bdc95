#include "actors/spawner/spawner_loop.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <type_traits>
#include <utility>

#include "actors/spawner/clocks.hpp"
#include "actors/spawner/self.hpp"
#include "transport/codec.hpp"

namespace fabric::spawner {

namespace {

using namespace std::chrono_literals;
using transport::spawner::end_reason;

constexpr std::size_t scratch_bytes = 64 << 10;
constexpr std::size_t large_input_bytes = 1 << 20;
constexpr duration last_effort = 1500ms;  ///< leaves the warden half a second of P8's two
constexpr duration kill_again_after = 20ms;

// What an epoll event is about: one of these, or main pid << 1 | 1 where it is stderr.
constexpr std::uint64_t from_socket = ~0ULL;
constexpr std::uint64_t from_signals = ~0ULL - 1;
constexpr std::uint64_t from_clock = ~0ULL - 2;

std::uint64_t output_source(pid_t main, bool is_stderr) {
  return static_cast<std::uint64_t>(main) << 1 | (is_stderr ? 1 : 0);
}

}  // namespace

spawner_loop::spawner_loop(unique_fd socket, task_setting setting, pid_t warden, fence_board& board)
    : socket_(std::move(socket)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      signals_(signal_reader({SIGCHLD, parent_died_signal})),
      setting_(std::move(setting)),
      warden_(warden),
      board_(board),
      scratch_(scratch_bytes),
      tasks_(scratch_) {
  watch(socket_.get(), from_socket, EPOLLIN);
  watch(signals_.get(), from_signals, EPOLLIN);
  watch(clock_.fd(), from_clock, EPOLLIN);
}

void spawner_loop::watch(int fd, std::uint64_t source, std::uint32_t events) {
  epoll_event about{};
  about.events = events;
  about.data.u64 = source;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &about);
}

bool spawner_loop::is_fenced() const { return fence_at_ <= boot_now(); }

void spawner_loop::run() {
  std::array<epoll_event, 64> events;
  while (true) {
    const int n = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                               more_in_ ? 0 : -1);
    for (int i = 0; i < n; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      handle(event.data.u64, event.events);
    }
    // One message a round: a thousand starts in a row must not delay the fence.
    if (more_in_) obey_next();
    tasks_.signal_due();
    if (std::exchange(children_changed_, false)) {
      tasks_.reap();
      for (auto& last : tasks_.settle(boot_now())) tell(std::move(last));
    }
    flush();
    if (leaving_ && (tasks_.nothing_left() || boot_now() >= leave_by_)) return;
    set_clock();
  }
}

void spawner_loop::handle(std::uint64_t source, std::uint32_t events) {
  // The daemon is gone: what it has sent before and is still unread is not begun any more.
  if (source == from_socket && (events & (EPOLLHUP | EPOLLERR)) != 0)
    leave();
  else if (source == from_signals)
    read_signals();
  else if (source == from_clock)
    read_clock();
  else if (source == from_socket)
    read_socket();
  else
    read_output(source);
}

void spawner_loop::read_output(std::uint64_t source) {
  task* t = tasks_.find(static_cast<pid_t>(source >> 1));
  // Its end may have been handled a moment ago, in the same round.
  if (t != nullptr) ((source & 1) != 0 ? t->err : t->out).read_once(scratch_);
}

void spawner_loop::read_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGCHLD) children_changed_ = true;
    // Somebody may send the signal by hand; only a changed parent means that the warden has died.
    else if (::getppid() != warden_)
      leave();
  }
}

void spawner_loop::read_clock() {
  if (!clock_.take()) return;
  if (leaving_)
    tasks_.kill_everything(end_reason::killed);
  else
    keep_fence();
  tasks_.expire(boot_now());
  children_changed_ = true;
}

void spawner_loop::move_fence(instant at) {
  const bool warden_may_oversleep = at < fence_at_;
  fence_at_ = at;
  // One that has passed is kept before it is written down: the warden has no patience for it.
  keep_fence();
  board_.set(at);
  if (warden_may_oversleep) ::kill(warden_, look_at_the_board_signal);
}

void spawner_loop::keep_fence() {
  if (!is_fenced()) return;
  tasks_.kill_everything(end_reason::fenced);
  board_.set_kept(fence_at_);
}

void spawner_loop::read_socket() {
  // One buffer at a time, so that the daemon's messages wait in the socket and not in our memory.
  if (leaving_ || more_in_) return;
  const ssize_t n = ::recv(socket_.get(), scratch_.data(), scratch_.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    leave();
    return;
  }
  in_.take({scratch_.data(), static_cast<std::size_t>(n)});
  more_in_ = true;
}

void spawner_loop::obey_next() {
  auto body = in_.next();
  if (body && !*body) {
    more_in_ = false;
    if (std::exchange(had_large_input_, false)) forget_memory_peak();
    return;
  }
  auto message = body ? transport::decode_spawner_message(**body)
                      : result<transport::spawner::message>(body.error());
  if (message) {
    obey(*message);
    return;
  }
  // The daemon is of the same build: its memory, or ours, is broken. It sees the closed pair.
  const std::string line = "fabric-spawner: " + to_line(message.error()) + "\n";
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) errno = 0;
  leave();
}

void spawner_loop::obey(transport::spawner::message& m) {
  std::visit(
      [this](auto& what) {
        using kind = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<kind, transport::spawner::start>) {
          start(what);
        } else if constexpr (std::is_same_v<kind, transport::spawner::kill>) {
          tasks_.kill(what.id, what.grace, boot_now());
        } else if constexpr (std::is_same_v<kind, transport::spawner::fence>) {
          move_fence(what.at);
        }
      },
      m);
}

void spawner_loop::start(const transport::spawner::start& what) {
  // The same attempt again is a repeated message; there can be only one.
  if (tasks_.holds(what.id)) return;
  had_large_input_ = had_large_input_ || what.stdin_data.size() > large_input_bytes;
  if (is_fenced()) {
    tell(never_began(what.id, end_reason::fenced, "the lease of this node had ended"));
    return;
  }
  auto started = start_task(what, setting_, boot_now());
  if (!started) {
    tell(never_began(what.id, end_reason::not_started, started.error().detail));
    return;
  }
  task& t = **started;
  watch(t.out.pipe(), output_source(t.main, false), EPOLLIN);
  watch(t.err.pipe(), output_source(t.main, true), EPOLLIN);
  tell(transport::spawner::process_started{t.id, t.main});
  tasks_.add(std::move(*started));
}

void spawner_loop::tell(const transport::spawner::message& m) {
  if (!leaving_) append_frame(out_, transport::encode(m));
}

void spawner_loop::flush() {
  std::size_t done = 0;
  while (!leaving_ && done < out_.size()) {
    const ssize_t n = ::send(socket_.get(), out_.data() + done, out_.size() - done, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) leave();
    if (n < 0) break;
    done += static_cast<std::size_t>(n);
  }
  out_.erase(0, done);
  if (leaving_ || out_.empty() == !waits_to_write_) return;
  waits_to_write_ = !out_.empty();
  epoll_event about{};
  about.events = waits_to_write_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
  about.data.u64 = from_socket;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, socket_.get(), &about);
}

void spawner_loop::leave() {
  if (leaving_) return;
  leaving_ = true;
  more_in_ = false;
  leave_by_ = later(boot_now(), last_effort);
  out_.clear();
  // The daemon, if it still is there, must not wait for answers.
  socket_.reset();
  tasks_.kill_everything(end_reason::killed);
  children_changed_ = true;
}

void spawner_loop::set_clock() {
  const instant now = boot_now();
  clock_.wake_by(tasks_.next_deadline());
  // What survives the first round of killing is met again and again until nothing is left.
  if (!leaving_ && now < fence_at_)
    clock_.wake_by(fence_at_);
  else if (leaving_ || !tasks_.nothing_left())
    clock_.wake_by(later(now, kill_again_after));
}

void become_spawner(const options& how, int socket, pid_t warden, fence_board& board) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, parent_died_signal);
  if (::getppid() != warden) ::_exit(0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  // Kept by every program that is executed below.
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  rename_self(how.name);
  ask_to_be_spared();
  ::dup2(socket, 3);
  close_from(4);
  ::fcntl(3, F_SETFD, FD_CLOEXEC);
  ::fcntl(3, F_SETFL, O_NONBLOCK);

  task_setting setting{.cgroup_parent = how.cgroup_parent,
                       .cgroup = {},
                       .user = how.task_user,
                       .pids_max = how.pids_max};
  if (!how.cgroup_parent.empty()) {
    const auto kind = probe_cgroup(how.cgroup_parent);
    if (!kind) ::_exit(exit_status_of(kind.error().code));
    setting.cgroup = *kind;
  }
  struct rlimit files {};
  ::getrlimit(RLIMIT_NOFILE, &files);
  setting.open_files_max = files.rlim_cur;
  // Two pipes for each task; the tasks keep the limit that the daemon had.
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  const pid_t self = ::getpid();
  if (::write(3, &self, sizeof self) != static_cast<ssize_t>(sizeof self)) ::_exit(0);
  spawner_loop(unique_fd(3), std::move(setting), warden, board).run();
  ::_exit(0);
}

}  // namespace fabric::spawner
