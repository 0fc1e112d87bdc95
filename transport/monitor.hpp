#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "transport/socket.hpp"

namespace fabric::transport {

/// One thing that happened to a socket's connections.
struct monitor_event {
  std::uint16_t what = 0;   ///< ZMQ_EVENT_...
  std::uint32_t value = 0;  ///< a descriptor, an errno, a ZAP status or a ZMQ_PROTOCOL_ERROR_...
};

/// The only way to tell a refused key from a closed port from silence: libzmq reports none of them
/// on the socket itself. Must end before the socket that it watches.
///
/// Not zmq::monitor_t: its socket can neither be polled beside others nor be given a queue without
/// a limit.
class monitor {
 public:
  monitor() = default;
  monitor(monitor&&) = default;
  monitor& operator=(monitor&&) = default;
  ~monitor();

  /// Begins to watch `events` of `of`. Attach before bind or connect.
  static result<monitor> attach(const context& in, const socket& of, int events);

  /// Adds what has happened since the last call.
  void drain(std::vector<monitor_event>& into);

  /// To wait for.
  [[nodiscard]] socket& events() { return socket_; }

 private:
  void* watched_ = nullptr;
  socket socket_;
};

}  // namespace fabric::transport
