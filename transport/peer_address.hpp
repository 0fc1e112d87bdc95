#pragma once

#include <sys/socket.h>

namespace fabric::transport {

/// The TCP connection behind a peer. The descriptor belongs to libzmq, which may have closed it and
/// got the same number for another connection meanwhile; the peer's address and port tell.
class peer_address {
 public:
  peer_address() = default;
  explicit peer_address(int descriptor);

  [[nodiscard]] int descriptor() const { return descriptor_; }

  /// Ends the connection where it still is the one that was seen; libzmq then tidies up as if the
  /// peer had left. libzmq itself has no way to close one peer of a ROUTER.
  void cut() const;

 private:
  int descriptor_ = -1;
  sockaddr_storage at_{};
  socklen_t size_ = 0;
};

}  // namespace fabric::transport
