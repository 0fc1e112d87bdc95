#include "actors/dashboard/listener.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "transport/port_holder.hpp"

namespace fabric::dashboard {

namespace {

constexpr int backlog = 64;

fault cannot_listen(const std::string& host, std::uint16_t port, int cause,
                    const listener_words& words) {
  const auto where =
      "cannot " + std::string(words.purpose) + " at " + host + ":" + std::to_string(port) + ": ";
  if (cause != EADDRINUSE)
    return {fault_code::config, where + std::strerror(cause),
            "use an address of this machine and a port above 1023"};
  const auto holder = transport::holder_of_port(port);
  const auto who = holder ? "process " + std::to_string(holder->pid) + " (" + holder->name + ")"
                          : std::string{"another process"};
  return {fault_code::address_in_use, where + who + " holds the port",
          "stop it, or choose another " + std::string(words.port_flag) + " (0 picks one)"};
}

std::uint16_t port_of(int socket) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size);
  return ntohs(at.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(at).sin6_port
                                        : reinterpret_cast<sockaddr_in&>(at).sin_port);
}

}  // namespace

result<listener> listen_at(const std::string& host, std::uint16_t port,
                           const listener_words& words) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const auto numeric = host == "localhost" ? std::string{"127.0.0.1"} : host;
  if (getaddrinfo(numeric.c_str(), std::to_string(port).c_str(), &hints, &list) != 0)
    return fault{fault_code::config,
                 std::string(words.host_flag) + " " + host + " is no numeric address",
                 "give an address of this machine, as in 127.0.0.1 or 0.0.0.0"};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> at{list, freeaddrinfo};

  listener made;
  made.socket =
      spawner::unique_fd{::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  // A restarted head finds connections of the last one in TIME_WAIT; they hold the port otherwise.
  const int on = 1;
  setsockopt(made.socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!made.socket || ::bind(made.socket.get(), at->ai_addr, at->ai_addrlen) != 0 ||
      ::listen(made.socket.get(), backlog) != 0)
    return cannot_listen(host, port, errno, words);
  made.port = port_of(made.socket.get());
  return made;
}

}  // namespace fabric::dashboard
