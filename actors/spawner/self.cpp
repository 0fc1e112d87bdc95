#include "actors/spawner/self.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace fabric::spawner {

const int parent_died_signal = SIGUSR2;
const int look_at_the_board_signal = SIGUSR1;

void take_no_signals() {
  // By the system call, because glibc's sigaction refuses 32 and 33, which it keeps for itself and
  // which a parent may have left ignored. Its struct is all zeros for SIG_DFL without flags.
  constexpr std::array<unsigned long, 4> standard{};
  constexpr std::size_t signal_set_bytes = 8;
  for (int number = 1; number < NSIG; ++number)
    ::syscall(SYS_rt_sigaction, number, standard.data(), nullptr, signal_set_bytes);
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
}

unique_fd signal_reader(std::initializer_list<int> signals) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int each : signals) sigaddset(&wanted, each);
  return unique_fd(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
}

namespace {

struct byte_range {
  char* begin = nullptr;
  std::size_t length = 0;
};

/// Where the kernel shows the command line from: fields 48 and 49 of /proc/self/stat.
byte_range command_line_area() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto close = text.rfind(')');
  if (close == std::string::npos) return {};
  std::istringstream fields(text.substr(close + 1));
  std::string skipped;
  for (int field = 3; field < 48; ++field) fields >> skipped;
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  if (!(fields >> begin >> end) || begin == 0 || end <= begin) return {};
  return {reinterpret_cast<char*>(begin), end - begin};  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

void rename_self(std::string_view name) {
  ::prctl(PR_SET_NAME, std::string(name.substr(0, 15)).c_str());
  const byte_range area = command_line_area();
  if (area.length == 0) return;
  std::memset(area.begin, 0, area.length);
  std::memcpy(area.begin, name.data(), std::min(name.size(), area.length - 1));
}

void close_from(int first) { ::close_range(static_cast<unsigned>(first), ~0U, 0); }

namespace {

void write_if_allowed(const char* path, std::string_view text) {
  const unique_fd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (file && ::write(file.get(), text.data(), text.size()) < 0) errno = 0;
}

}  // namespace

void forget_memory_peak() {
  ::malloc_trim(0);
  write_if_allowed("/proc/self/clear_refs", "5");
}

void ask_to_be_spared() {
  // Only a privileged daemon may; for others the tasks' own, higher score has to do.
  write_if_allowed("/proc/self/oom_score_adj", "-500");
}

}  // namespace fabric::spawner
