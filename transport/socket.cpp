#include "transport/socket.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>

#include "transport/port_holder.hpp"

namespace fabric::transport {

namespace {

constexpr int sockets_max = 4096;

std::string reason() { return zmq_strerror(zmq_errno()); }

std::string port_holder_text(const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos)
    std::from_chars(endpoint.data() + colon + 1, endpoint.data() + endpoint.size(), port);
  if (const auto holder = port == 0 ? std::nullopt : holder_of_port(port))
    return "process " + std::to_string(holder->pid) + " (" + holder->name + ")";
  return "another process";
}

fault cannot_bind(const std::string& endpoint) {
  switch (zmq_errno()) {
    case EADDRINUSE:
      return {
          fault_code::address_in_use,
          "cannot listen on " + endpoint + ": " + port_holder_text(endpoint) + " holds the port",
          "stop it, or choose another port"};
    case EINVAL:
    case EPROTONOSUPPORT:
      return {fault_code::usage, endpoint + " is no address to listen on",
              "write tcp://ADDRESS:PORT"};
    default:
      return {fault_code::config, "cannot listen on " + endpoint + ": " + reason(),
              "use an address of this machine and a port above 1023"};
  }
}

}  // namespace

result<context> context::start(int io_threads) {
  context made;
  made.handle_.reset(zmq_ctx_new());
  if (!made.handle_ || zmq_ctx_set(made.handle(), ZMQ_IO_THREADS, io_threads) != 0 ||
      zmq_ctx_set(made.handle(), ZMQ_MAX_SOCKETS, sockets_max) != 0)
    return fault{fault_code::config, "ZeroMQ cannot start: " + reason(), ""};
  return made;
}

void context::terminate::operator()(void* handle) const {
  while (zmq_ctx_term(handle) != 0 && zmq_errno() == EINTR) {
  }
}

std::span<const std::byte> frame::bytes() const {
  return {static_cast<const std::byte*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
}

std::string_view frame::text() const {
  return {static_cast<const char*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
}

std::string_view frame::property(const char* name) const {
  const char* value = zmq_msg_gets(&message_, name);
  return value == nullptr ? std::string_view{} : value;
}

result<socket> socket::open(const context& in, int type) {
  socket made;
  made.handle_.reset(zmq_socket(in.handle(), type));
  if (!made.handle_)
    return fault{fault_code::busy, "no further socket can be opened: " + reason(),
                 "raise the limit of open files (ulimit -n)"};
  return made;
}

result<void> socket::set(int option, int value) {
  if (zmq_setsockopt(handle(), option, &value, sizeof value) == 0) return {};
  return fault{fault_code::config,
               "ZeroMQ refuses option " + std::to_string(option) + ": " + reason(), ""};
}

result<void> socket::set(int option, std::string_view bytes) {
  if (zmq_setsockopt(handle(), option, bytes.data(), bytes.size()) == 0) return {};
  return fault{fault_code::config,
               "ZeroMQ refuses option " + std::to_string(option) + ": " + reason(), ""};
}

result<void> socket::bind(const std::string& endpoint) {
  if (zmq_bind(handle(), endpoint.c_str()) == 0) return {};
  return cannot_bind(endpoint);
}

result<void> socket::connect(const std::string& endpoint) {
  if (zmq_connect(handle(), endpoint.c_str()) == 0) return {};
  return fault{fault_code::usage, "cannot connect to " + endpoint + ": " + reason(),
               "write tcp://ADDRESS:PORT"};
}

std::string socket::last_endpoint() const {
  std::array<char, 1024> text{};
  std::size_t size = text.size();
  if (zmq_getsockopt(handle(), ZMQ_LAST_ENDPOINT, text.data(), &size) != 0 || size == 0) return "";
  return {text.data(), size - 1};
}

sent socket::send(std::string_view bytes, parts which) {
  const int flags = ZMQ_DONTWAIT | (which == parts::more ? ZMQ_SNDMORE : 0);
  while (zmq_send(handle(), bytes.data(), bytes.size(), flags) < 0) {
    if (zmq_errno() == EINTR) continue;
    return zmq_errno() == EAGAIN ? sent::full : sent::gone;
  }
  return sent::done;
}

bool socket::receive(frame& into) {
  while (zmq_msg_recv(into.handle(), handle(), ZMQ_DONTWAIT) < 0)
    if (zmq_errno() != EINTR) return false;
  return true;
}

}  // namespace fabric::transport
