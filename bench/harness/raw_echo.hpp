#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bench/harness/server_process.hpp"

namespace fabric::bench {

/// The floor of a request: libzmq alone, a DEALER here and a ROUTER that sends back in another
/// process, over tcp on loopback, one frame a message.
class raw_echo {
 public:
  explicit raw_echo(bool with_curve);  ///< before anything starts a thread
  ~raw_echo();

  [[nodiscard]] int server_pid() const { return server_.pid(); }

  static constexpr std::size_t message_bytes = 100;

  /// Microseconds of each of `count` round trips, one after the other.
  std::vector<double> round_trips(std::size_t count, std::size_t bytes = message_bytes);
  /// Answers per second of `count` requests with `window` of them under way, 100 bytes each.
  double rate(std::size_t count, std::size_t window);

 private:
  void send(const std::string& text);
  void receive(std::size_t bytes);
  void connect();

  bool with_curve_;
  server_process server_;
  void* context_ = nullptr;
  void* socket_ = nullptr;
};

}  // namespace fabric::bench
