#include "transport/socket_library.hpp"

#include "transport/socket.hpp"

namespace fabric::transport {

std::string socket_library_version() {
  const auto [major, minor, patch] = zmq::version();
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace fabric::transport
