#pragma once

#include <zmq.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "fabric/result.hpp"

/// libzmq's C interface as values: nothing throws, nothing blocks, everything is closed by its
/// owner. Private to the loop.
namespace fabric::transport {

class context {
 public:
  static result<context> start(int io_threads);

  [[nodiscard]] void* handle() const { return handle_.get(); }
  /// Blocks until what sockets with a linger hold is sent or their linger is over.
  void end() { handle_.reset(); }

 private:
  struct terminate {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, terminate> handle_;
};

/// One received frame.
class frame {
 public:
  frame() { zmq_msg_init(&message_); }
  ~frame() { zmq_msg_close(&message_); }
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const;
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] bool has_more() const { return zmq_msg_more(&message_) == 1; }
  /// What the handshake said of the sender ("User-Id"); empty where it said nothing.
  [[nodiscard]] std::string_view property(const char* name) const;
  /// The descriptor of the TCP connection that brought it, or -1.
  [[nodiscard]] int descriptor() const { return zmq_msg_get(&message_, ZMQ_SRCFD); }
  [[nodiscard]] zmq_msg_t* handle() { return &message_; }

 private:
  mutable zmq_msg_t message_;  // libzmq's getters are not const
};

enum class sent : std::uint8_t {
  done,
  full,  ///< the queue for this peer is full; nothing was taken
  gone,  ///< no such peer (any more)
};

enum class parts : std::uint8_t { last, more };

class socket {
 public:
  static result<socket> open(const context& in, int type);

  result<void> set(int option, int value);
  result<void> set(int option, std::string_view bytes);
  /// Faults: address_in_use (naming who holds the port), config, usage.
  result<void> bind(const std::string& endpoint);
  result<void> connect(const std::string& endpoint);
  [[nodiscard]] std::string last_endpoint() const;

  sent send(std::string_view bytes, parts which = parts::last);
  /// False where nothing is there.
  bool receive(frame& into);

  [[nodiscard]] void* handle() const { return handle_.get(); }

 private:
  struct close {
    void operator()(void* handle) const { zmq_close(handle); }
  };
  std::unique_ptr<void, close> handle_;
};

}  // namespace fabric::transport
