#include "transport/monitor.hpp"

#include <atomic>
#include <cstring>
#include <utility>

namespace fabric::transport {

namespace {

std::string fresh_endpoint() {
  static std::atomic<std::uint64_t> last{0};
  return "inproc://monitor-" + std::to_string(++last);
}

}  // namespace

result<monitor> monitor::attach(const context& in, const socket& of, int events) {
  const std::string endpoint = fresh_endpoint();
  auto made = socket::open(in, zmq::socket_type::pair);
  if (!made) return made.error();
  // No event may be lost: the fate of a connection hangs on each.
  if (auto set = made->set(zmq::sockopt::rcvhwm, 0); !set) return set.error();
  if (auto set = made->set(zmq::sockopt::linger, 0); !set) return set.error();
  if (zmq_socket_monitor(of.handle(), endpoint.c_str(), events) != 0)
    return fault{fault_code::config, "a socket cannot be watched", ""};
  if (auto connected = made->connect(endpoint); !connected) {
    zmq_socket_monitor(of.handle(), nullptr, 0);
    return connected.error();
  }
  monitor watching;
  watching.watched_ = of.handle();
  watching.socket_ = std::move(*made);
  return watching;
}

/// An event that finds no reader blocks libzmq's I/O thread for ever, so reporting must end first.
monitor::~monitor() {
  if (socket_.is_open()) zmq_socket_monitor(watched_, nullptr, 0);
}

/// First frame: 16 bits of event, 32 bits of value, in the machine's own order. Second: the
/// address.
void monitor::drain(std::vector<monitor_event>& into) {
  frame part;
  while (socket_.receive(part)) {
    const auto bytes = part.bytes();
    monitor_event event;
    if (bytes.size() >= sizeof event.what + sizeof event.value) {
      std::memcpy(&event.what, bytes.data(), sizeof event.what);
      std::memcpy(&event.value, bytes.data() + sizeof event.what, sizeof event.value);
      into.push_back(event);
    }
    while (part.has_more() && socket_.receive(part)) {
    }
  }
}

}  // namespace fabric::transport
