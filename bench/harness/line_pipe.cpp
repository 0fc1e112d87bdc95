#include "bench/harness/line_pipe.hpp"

#include <unistd.h>

#include <cerrno>

namespace fabric::bench {

bool write_line(int to, const std::string& text) {
  const auto line = text + "\n";
  std::size_t done = 0;
  while (done < line.size()) {
    const auto written = write(to, line.data() + done, line.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    done += static_cast<std::size_t>(written);
  }
  return true;
}

/// A byte at a time, so that what follows stays in the pipe.
std::optional<std::string> read_line(int from) {
  std::string line;
  for (char byte = 0;;) {
    const auto got = read(from, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    if (byte == '\n') return line;
    line += byte;
  }
}

}  // namespace fabric::bench
