#include "actors/objects/process_birth.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "actors/spawner/unique_fd.hpp"

namespace fabric::objects {

namespace {

using birth = std::optional<std::uint64_t>;

/// The text of proc(5)'s stat: nothing for a zombie.
result<birth> parse_stat(const char* text) {
  // The name of the program may hold anything, also ')', so fields are counted from the last one.
  const char* const close = std::strrchr(text, ')');
  char state = '?';
  int threads = 0;
  unsigned long long born = 0;
  const int got = close == nullptr
                      ? 0
                      : std::sscanf(close + 1,
                                    " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d"
                                    " %*d %*d %d %*d %llu",
                                    &state, &threads, &born);
  if (got != 3) return fault{fault_code::config, "/proc says nothing that we can read", "mount it"};
  // A process whose first thread has ended looks like a zombie while others go on.
  const bool is_over = (state == 'Z' || state == 'X') && threads <= 1;
  return is_over ? birth{} : birth{born};
}

}  // namespace

result<birth> birth_of(std::int32_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const spawner::unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> text{};
  if (file && ::read(file.get(), text.data(), text.size() - 1) > 0) return parse_stat(text.data());
  // Without /proc everybody would look dead.
  const bool is_gone = (errno == ENOENT || errno == ESRCH) && ::access("/proc/self", F_OK) == 0;
  if (is_gone) return birth{};
  return fault{fault_code::config, "cannot read " + path + ": " + std::strerror(errno),
               "mount /proc, and raise the limit of open files"};
}

}  // namespace fabric::objects
