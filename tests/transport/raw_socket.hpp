#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

namespace fabric::transport {

/// A TCP connection that speaks no protocol.
class raw_socket {
 public:
  explicit raw_socket(int descriptor) : descriptor_(descriptor) {}
  raw_socket(raw_socket&& o) noexcept : descriptor_(std::exchange(o.descriptor_, -1)) {}
  raw_socket& operator=(raw_socket&&) = delete;
  ~raw_socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  static raw_socket connect_to(const std::string& endpoint) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    return raw_socket(fd);
  }

  void write(std::string_view bytes) const {
    EXPECT_GE(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
  }

  /// Everything until the other side hangs up.
  [[nodiscard]] std::string read_to_end() const {
    std::string all;
    char part[4096];
    for (pollfd item{descriptor_, POLLIN, 0}; ::poll(&item, 1, 60'000) == 1;) {
      const auto n = ::recv(descriptor_, part, sizeof part, 0);
      if (n <= 0) return all;
      all.append(part, static_cast<std::size_t>(n));
    }
    ADD_FAILURE() << "the other side does not hang up";
    return all;
  }

 private:
  int descriptor_;
};

/// Listens on a free port of the loopback and answers nothing.
class raw_listener {
 public:
  raw_listener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(descriptor_, 8), 0);
  }
  raw_listener(const raw_listener&) = delete;
  raw_listener& operator=(const raw_listener&) = delete;
  ~raw_listener() { ::close(descriptor_); }

  [[nodiscard]] std::uint16_t port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    EXPECT_EQ(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    return ntohs(at.sin_port);
  }
  [[nodiscard]] std::string endpoint() const { return "tcp://127.0.0.1:" + std::to_string(port()); }
  [[nodiscard]] raw_socket accept() const {
    return raw_socket(::accept(descriptor_, nullptr, nullptr));
  }

 private:
  int descriptor_;
};

}  // namespace fabric::transport
