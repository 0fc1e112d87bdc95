#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fabric::transport {

/// The process that listens on a TCP port of this machine.
struct port_holder {
  int pid = 0;
  std::string name;  ///< /proc/PID/comm, control bytes replaced

  bool operator==(const port_holder&) const = default;
};

/// Reads /proc. Empty where nobody listens, or where the process is another user's (whose
/// descriptors this one may not see).
std::optional<port_holder> holder_of_port(std::uint16_t port);

}  // namespace fabric::transport
