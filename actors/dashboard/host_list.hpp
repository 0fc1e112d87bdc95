#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

/// Names under which a browser may call. A page of a stranger can point its own name at our address
/// (DNS rebinding) and would then be same-origin with us; but its requests still carry its name.
namespace fabric::dashboard {

/// The name in a Host header, in lower case and without port or brackets. Nothing where it is not
/// of the form NAME, NAME:PORT, [IPV6] or [IPV6]:PORT.
std::optional<std::string> name_in_host(std::string_view header);

/// "127.0.0.1", "::1" and the rest of 127.0.0.0/8.
bool is_loopback(std::string_view address);

class host_list {
 public:
  host_list() = default;
  /// `names`: the configured ones, and the machine's own where others may call.
  explicit host_list(std::set<std::string> names);

  /// True for a configured name, for the very address that was called (`local`, numeric) and, on
  /// loopback, for "localhost". The port is not looked at: tunnels change it.
  [[nodiscard]] bool admits(std::string_view header, std::string_view local) const;

 private:
  std::set<std::string> names_;
};

}  // namespace fabric::dashboard
