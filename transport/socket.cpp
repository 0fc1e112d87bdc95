#include "transport/socket.hpp"

#include <poll.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <vector>

#include "transport/port_holder.hpp"

namespace fabric::transport {

namespace {

constexpr int sockets_max = 4096;

std::string port_holder_text(const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos)
    std::from_chars(endpoint.data() + colon + 1, endpoint.data() + endpoint.size(), port);
  if (const auto holder = port == 0 ? std::nullopt : holder_of_port(port))
    return "process " + std::to_string(holder->pid) + " (" + holder->name + ")";
  return "another process";
}

fault cannot_bind(const std::string& endpoint, const zmq::error_t& why) {
  switch (why.num()) {
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
      return {fault_code::config, "cannot listen on " + endpoint + ": " + why.what(),
              "use an address of this machine and a port above 1023"};
  }
}

}  // namespace

result<context> context::start(int io_threads) {
  try {
    context made;
    made.handle_.emplace(io_threads, sockets_max);
    return made;
  } catch (const zmq::error_t& e) {
    return fault{fault_code::config, std::string{"ZeroMQ cannot start: "} + e.what(), ""};
  }
}

std::span<const std::byte> frame::bytes() const {
  return {static_cast<const std::byte*>(message_.data()), message_.size()};
}

std::string_view frame::property(const char* name) const {
  try {
    return message_.gets(name);
  } catch (const zmq::error_t&) {
    return {};
  }
}

int frame::descriptor() const {
  try {
    return message_.get(ZMQ_SRCFD);
  } catch (const zmq::error_t&) {
    return -1;
  }
}

result<socket> socket::open(const context& in, zmq::socket_type type) {
  try {
    socket made;
    made.handle_ = zmq::socket_t(in.handle(), type);
    return made;
  } catch (const zmq::error_t& e) {
    return fault{fault_code::busy, std::string{"no further socket can be opened: "} + e.what(),
                 "raise the limit of open files (ulimit -n)"};
  }
}

fault socket::refused(int option, const zmq::error_t& why) {
  return {fault_code::config, "ZeroMQ refuses option " + std::to_string(option) + ": " + why.what(),
          ""};
}

result<void> socket::bind(const std::string& endpoint) {
  is_drained_ = false;
  try {
    handle_.bind(endpoint);
    return {};
  } catch (const zmq::error_t& e) {
    return cannot_bind(endpoint, e);
  }
}

result<void> socket::connect(const std::string& endpoint) {
  is_drained_ = false;
  try {
    handle_.connect(endpoint);
    return {};
  } catch (const zmq::error_t& e) {
    return fault{fault_code::usage, "cannot connect to " + endpoint + ": " + e.what(),
                 "write tcp://ADDRESS:PORT"};
  }
}

std::string socket::last_endpoint() const {
  try {
    return handle_.get(zmq::sockopt::last_endpoint);
  } catch (const zmq::error_t&) {
    return "";
  }
}

sent socket::send(std::string_view bytes, parts which) {
  is_drained_ = false;
  auto flags = zmq::send_flags::dontwait;
  if (which == parts::more) flags = flags | zmq::send_flags::sndmore;
  for (;;) {
    try {
      return handle_.send(zmq::buffer(bytes), flags) ? sent::done : sent::full;
    } catch (const zmq::error_t& e) {
      if (e.num() != EINTR) return sent::gone;
    }
  }
}

bool socket::receive(frame& into) {
  if (is_drained_) return false;
  for (;;) {
    try {
      is_drained_ = !handle_.recv(into.message_, zmq::recv_flags::dontwait).has_value();
      return !is_drained_;
    } catch (const zmq::error_t& e) {
      if (e.num() != EINTR) return false;
    }
  }
}

bool socket::has_input() {
  if (is_drained_) return false;
  try {
    is_drained_ = (handle_.get(zmq::sockopt::events) & ZMQ_POLLIN) == 0;
  } catch (const zmq::error_t&) {
    return true;  // who reads it learns more
  }
  return !is_drained_;
}

int socket::descriptor() const {
  try {
    return handle_.get(zmq::sockopt::fd);
  } catch (const zmq::error_t&) {
    return -1;
  }
}

void wait_for(std::span<socket* const> any, int or_descriptor, std::chrono::milliseconds limit) {
  thread_local std::vector<pollfd> items;
  items.assign(1, {or_descriptor, POLLIN, 0});
  for (auto* each : any) {
    if (each->has_input()) limit = std::chrono::milliseconds{0};
    items.push_back({each->descriptor(), POLLIN, 0});
  }
  // Where a signal interrupts it, who waits looks at the time and comes back.
  if (::poll(items.data(), items.size(), static_cast<int>(limit.count())) <= 0) return;
  for (std::size_t i = 0; i < any.size(); ++i)
    if (items[i + 1].revents != 0) any[i]->is_drained_ = false;
}

}  // namespace fabric::transport
