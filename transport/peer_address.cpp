#include "transport/peer_address.hpp"

#include <cstring>

namespace fabric::transport {

namespace {

socklen_t read_address(int descriptor, sockaddr_storage& into) {
  socklen_t size = sizeof into;
  // NOLINTNEXTLINE(*-reinterpret-cast): the interface of sockets
  return getpeername(descriptor, reinterpret_cast<sockaddr*>(&into), &size) == 0 ? size : 0;
}

}  // namespace

peer_address::peer_address(int descriptor) : descriptor_(descriptor) {
  size_ = read_address(descriptor, at_);
}

void peer_address::cut() const {
  sockaddr_storage now{};
  if (size_ != 0 && read_address(descriptor_, now) == size_ && std::memcmp(&now, &at_, size_) == 0)
    shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace fabric::transport
