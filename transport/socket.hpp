#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <zmq.hpp>

#include "fabric/result.hpp"

/// cppzmq's types with values instead of exceptions: nothing throws, nothing blocks, everything is
/// closed by its owner. Private to the loop.
namespace fabric::transport {

class context {
 public:
  /// Faults: config (no descriptors, no threads).
  static result<context> start(int io_threads);

  [[nodiscard]] zmq::context_t& handle() const { return *handle_; }
  /// Blocks until what sockets with a linger hold is sent or their linger is over.
  void end() { handle_.reset(); }

 private:
  mutable std::optional<zmq::context_t> handle_;  // opening a socket does not change the context
};

/// One received frame.
class frame {
 public:
  frame() = default;
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const;
  [[nodiscard]] std::string_view text() const { return message_.to_string_view(); }
  [[nodiscard]] bool has_more() const { return message_.more(); }
  /// What the handshake said of the sender ("User-Id"); empty where it said nothing.
  [[nodiscard]] std::string_view property(const char* name) const;
  /// The descriptor of the TCP connection that brought it, or -1.
  [[nodiscard]] int descriptor() const;

 private:
  friend class socket;
  mutable zmq::message_t message_;  // libzmq's getters are not const
};

enum class sent : std::uint8_t {
  done,
  full,  ///< the queue for this peer is full; nothing was taken
  gone,  ///< no such peer (any more)
};

enum class parts : std::uint8_t { last, more };

class socket {
 public:
  /// Faults: busy (the limit of sockets or descriptors is reached).
  static result<socket> open(const context& in, zmq::socket_type type);

  /// One of zmq::sockopt. Faults: config.
  template <class Option, class Value>
  result<void> set(Option option, const Value& value) {
    is_drained_ = false;
    try {
      handle_.set(option, value);
      return {};
    } catch (const zmq::error_t& e) {
      return refused(number_of(option), e);
    }
  }
  /// Faults: address_in_use (naming who holds the port), config, usage.
  result<void> bind(const std::string& endpoint);
  result<void> connect(const std::string& endpoint);
  [[nodiscard]] std::string last_endpoint() const;

  sent send(std::string_view bytes, parts which = parts::last);
  /// False where nothing is there. Asks libzmq, which costs system calls, only where something may
  /// have come since it last said so.
  bool receive(frame& into);

  [[nodiscard]] bool is_open() const { return static_cast<bool>(handle_); }
  /// For watching; libzmq takes an untyped handle there.
  [[nodiscard]] void* handle() const { return handle_.handle(); }

 private:
  friend void wait_for(std::span<socket* const> any, int or_descriptor,
                       std::chrono::milliseconds limit);
  [[nodiscard]] bool has_input();
  [[nodiscard]] int descriptor() const;

  template <int Number, class T, bool IsUnit>
  static constexpr int number_of(zmq::sockopt::integral_option<Number, T, IsUnit>) {
    return Number;
  }
  template <int Number, int Zero>
  static constexpr int number_of(zmq::sockopt::array_option<Number, Zero>) {
    return Number;
  }
  static fault refused(int option, const zmq::error_t& why);

  mutable zmq::socket_t handle_;  // cppzmq's getter of an untyped handle is not const
  /// libzmq said that nothing is there, and was not called since. Only then its descriptor becomes
  /// readable when something comes: it shows changes, and each call may use one up.
  bool is_drained_ = false;
};

/// Waits until something can be read from one of the sockets or the descriptor, at most `limit`
/// (negative: for ever). May return for nothing.
void wait_for(std::span<socket* const> any, int or_descriptor, std::chrono::milliseconds limit);

}  // namespace fabric::transport
