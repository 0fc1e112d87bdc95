#include "actors/daemon/greeting.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace fabric::daemon {

namespace {

constexpr int connect_patience_ms = 1000;
constexpr int answer_patience_ms = 500;

/// ZMTP 3 (https://rfc.zeromq.org/spec/23): 0xff, eight bytes of padding, 0x7f.
constexpr std::string_view signature{"\xff\0\0\0\0\0\0\0\1\x7f", 10};

/// Empty once connected.
std::string wait_for_connection(int fd, const addrinfo& to) {
  if (connect(fd, to.ai_addr, to.ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return std::string{"cannot be reached: "} + std::strerror(errno);
  pollfd ready{fd, POLLOUT, 0};
  if (poll(&ready, 1, connect_patience_ms) != 1)
    return "does not answer (no route, or a firewall drops it)";
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == ECONNREFUSED) return "refuses the connection: nobody listens there";
  return error == 0 ? "" : std::string{"cannot be reached: "} + std::strerror(error);
}

/// Both sides of ZMTP begin at once; a web server, for one, waits for more of a line than this.
greeting exchange(int fd) {
  std::string said{signature};
  if (send(fd, said.data(), said.size(), MSG_NOSIGNAL) < 0) return greeting::other;
  std::array<char, signature.size()> heard{};
  std::size_t size = 0;
  while (size < heard.size()) {
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, answer_patience_ms) != 1) return greeting::silence;
    const auto got = recv(fd, heard.data() + size, heard.size() - size, 0);
    if (got <= 0) return greeting::other;
    size += static_cast<std::size_t>(got);
    if (heard.front() != signature.front()) return greeting::other;
  }
  return heard.back() == signature.back() ? greeting::fabric_like : greeting::other;
}

struct resolved {
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list{nullptr, freeaddrinfo};
  std::string why;  ///< there is none
};

resolved resolve(const std::string& address) {
  resolved found;
  const auto colon = address.rfind(':');
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (colon == std::string::npos)
    found.why = "is not of the form HOST:PORT";
  else if (const int looked = getaddrinfo(address.substr(0, colon).c_str(),
                                          address.substr(colon + 1).c_str(), &hints, &list);
           looked != 0)
    found.why = std::string{"cannot be resolved: "} + gai_strerror(looked);
  found.list.reset(list);
  return found;
}

}  // namespace

std::string why_unresolved(const std::string& address) { return resolve(address).why; }

greeted greet(const std::string& address) {
  const auto [found, why] = resolve(address);
  if (!why.empty()) return {greeting::none, why};
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return {greeting::none, std::string{"no socket: "} + std::strerror(errno)};
  greeted met{greeting::none, wait_for_connection(fd, *found)};
  if (met.why.empty()) met.is = exchange(fd);
  close(fd);
  return met;
}

}  // namespace fabric::daemon
