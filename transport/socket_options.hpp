#pragma once

#include "transport/poll_loop.hpp"
#include "transport/socket.hpp"

/// Every option that is set on a socket, in one place. docs/protocol.md gives the reasons.
namespace fabric::transport {

/// ZAP domains. A listener's mechanism is part of what the ZAP handler checks, so each has its own.
inline constexpr std::string_view domain_of_keys = "fabric";
inline constexpr std::string_view domain_without_keys = "fabric-insecure";

/// ROUTER that admits nobody whom the ZAP handler does not know, or with `insecure` everybody.
/// Faults: config where a TCP endpoint has no keys and is not declared insecure.
result<socket> listener_socket(const context& in, const listen_options& where,
                               std::size_t frame_bytes_max);

/// DEALER that connects once and never again.
result<socket> dialler_socket(const context& in, const dial_options& where,
                              std::size_t frame_bytes_max);

/// In whole milliseconds, at least one.
int milliseconds_of(duration d);

}  // namespace fabric::transport
