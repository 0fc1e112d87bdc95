#include "actors/daemon/daemon_log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "actors/spawner/unique_fd.hpp"

namespace fabric::daemon {
namespace {

using spawner::unique_fd;

/// A pipe, which has room for 64 KiB, or a pair of sockets.
struct channel {
  unique_fd from;
  unique_fd to;

  static channel pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
  }
  static channel sockets() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const int bytes = 4096;
    EXPECT_EQ(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
    return {unique_fd{ends[0]}, unique_fd{ends[1]}};
  }
  std::string read() const {
    fcntl(from.get(), F_SETFL, O_NONBLOCK);
    std::string all(1 << 20, '\0');
    std::size_t n = 0;
    for (ssize_t got = 0; (got = ::read(from.get(), all.data() + n, all.size() - n)) > 0;)
      n += static_cast<std::size_t>(got);
    all.resize(n);
    return all;
  }
};

std::string line(int number) {
  return "line " + std::to_string(number) + std::string(90, '.') + "\n";
}

/// Would hang where a write waits.
void drops_and_says_so(const channel& c) {
  daemon_log log{c.to.get()};
  for (int i = 0; i < 1000; ++i) log.write(line(i));
  const auto dropped = log.dropped();
  ASSERT_GT(dropped, 0U);
  const auto before = c.read();
  EXPECT_TRUE(before.starts_with(line(0) + line(1)));
  EXPECT_TRUE(before.ends_with(line(static_cast<int>(999 - dropped))));
  log.write("again\n");
  EXPECT_EQ(c.read(),
            "fabricd: log lines dropped here, unread: " + std::to_string(dropped) + "\nagain\n");
  log.write("and on\n");
  EXPECT_EQ(c.read(), "and on\n");
}

TEST(DaemonLog, DropsLinesOfAPipeThatNobodyReadsAndSaysSoWhenItIsRead) {
  drops_and_says_so(channel::pipe());
}

TEST(DaemonLog, DropsLinesOfASocketThatNobodyReadsAndSaysSoWhenItIsRead) {
  drops_and_says_so(channel::sockets());
}

TEST(DaemonLog, WritesALineOfManyPagesAndEndsOneThatHadNoRoom) {
  const auto c = channel::pipe();
  daemon_log log{c.to.get()};
  log.write(std::string(100'000, 'x') + "\n");
  EXPECT_EQ(log.dropped(), 1U);
  EXPECT_EQ(c.read(), std::string(65536, 'x'));
  log.write("next\n");
  EXPECT_EQ(c.read(), "\nfabricd: log lines dropped here, unread: 1\nnext\n");
}

TEST(DaemonLog, GoesOnWithoutAReader) {
  auto c = channel::sockets();
  c.from.reset();
  daemon_log log{c.to.get()};
  log.write("nobody\n");
  EXPECT_EQ(log.dropped(), 1U);
}

}  // namespace
}  // namespace fabric::daemon
