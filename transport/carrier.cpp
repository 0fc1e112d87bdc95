#include "transport/carrier.hpp"

#include <atomic>

namespace fabric::transport {

void tell_frame(connection_id from, const peer_identity& who, std::span<const std::byte> bytes,
                happenings& told) {
  if (auto messages = decode(bytes))
    told.push_back(link_event::arrived{from, who, std::move(*messages)});
  else
    told.push_back(link_event::malformed{from, who, std::move(messages).error()});
}

fault too_slow(std::size_t bytes) {
  return {fault_code::busy,
          "a peer was cut off because it does not take its messages: " + std::to_string(bytes) +
              " bytes were waiting",
          ""};
}

fault closed_here() {
  return {fault_code::cancelled, "the connection was closed by this side", ""};
}

fault key_revoked() {
  return {fault_code::auth_failed, "the peer's key is no longer admitted in this role", ""};
}

fault peer_left() { return {fault_code::unreachable, "the peer's connection has ended", ""}; }

connection_id fresh_connection() {
  static std::atomic<std::uint64_t> last{0};
  return {++last};
}

}  // namespace fabric::transport
