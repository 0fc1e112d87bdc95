#pragma once

#include <string>

namespace fabric::daemon {

/// What a TCP connection to HOST:PORT meets.
enum class greeting {
  fabric_like,  ///< the ten bytes that every ZeroMQ peer says first
  other,        ///< another program's bytes, or a hang-up
  silence,      ///< a connection and nothing more
  none          ///< no connection; `why` says why not
};

struct greeted {
  greeting is = greeting::none;
  std::string why;
};

/// Takes at most about 1.5 s.
greeted greet(const std::string& address);

/// Why the host of HOST:PORT has no address; empty where it has one.
std::string why_unresolved(const std::string& address);

}  // namespace fabric::daemon
