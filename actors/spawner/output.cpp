#include "actors/spawner/output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace fabric::spawner {

output::output(unique_fd pipe, log_file log, std::size_t tail_bytes_max)
    : pipe_(std::move(pipe)), log_(std::move(log)), tail_(tail_bytes_max) {}

void output::read_once(std::span<char> scratch) {
  if (!pipe_) return;
  const ssize_t n = ::read(pipe_.get(), scratch.data(), scratch.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    pipe_.reset();
    return;
  }
  const std::string_view got(scratch.data(), static_cast<std::size_t>(n));
  bytes_ += got.size();
  tail_.append(got);
  log_.append(got);
}

void output::finish(std::span<char> scratch) {
  int waiting = 0;
  // A writer outside of the task (a descriptor passed on) could write for ever: only what is in the
  // pipe at this moment belongs to the task.
  if (pipe_ && ::ioctl(pipe_.get(), FIONREAD, &waiting) == 0) {
    auto left = static_cast<std::uint64_t>(waiting);
    while (pipe_ && left > 0) {
      const std::uint64_t before = bytes_;
      read_once(scratch.first(std::min<std::size_t>(scratch.size(), left)));
      if (bytes_ == before) break;
      left -= bytes_ - before;
    }
  }
  pipe_.reset();
  log_.close();
}

std::string output::loss(std::string_view name) const {
  if (log_.lost() == 0) return {};
  std::string line = std::to_string(log_.lost()) + " bytes of ";
  line += name;
  line += " were not kept on disk";
  if (log_.last_error() != 0) line += std::string(": ") + std::strerror(log_.last_error());
  return line;
}

}  // namespace fabric::spawner
