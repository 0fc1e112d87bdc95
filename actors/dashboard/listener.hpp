#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/spawner/unique_fd.hpp"
#include "fabric/result.hpp"

namespace fabric::dashboard {

struct listener {
  spawner::unique_fd socket;  ///< close-on-exec, does not block
  std::uint16_t port = 0;
};

/// What a port is for, and the flags that name it: for messages.
struct listener_words {
  std::string_view purpose = "serve the dashboard";
  std::string_view host_flag = "--dashboard-host";
  std::string_view port_flag = "--dashboard-port";
};

/// `host`: a numeric address of this machine or "localhost"; port 0 picks a free one. Starts no
/// thread. Faults: address_in_use, naming the process that holds the port; config.
result<listener> listen_at(const std::string& host, std::uint16_t port,
                           const listener_words& words = {});

}  // namespace fabric::dashboard
