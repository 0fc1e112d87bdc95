#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "actors/journal/service.hpp"
#include "fabric/result.hpp"

namespace fabric::journal {

inline constexpr std::size_t clients_max = 4096;

/// A service at a TCP port, in the thread of whoever runs it.
class server {
 public:
  /// `host`: a numeric address of this machine or "localhost"; port 0 picks a free one. Faults:
  /// address_in_use, config.
  static result<server> listen(const std::string& host, std::uint16_t port);
  ~server();
  server(server&&) noexcept;
  server& operator=(server&&) noexcept;

  [[nodiscard]] std::uint16_t port() const;
  /// Serves until `is_enough`, which is asked after each signal and several times a second. Faults:
  /// those of `service::step`.
  result<void> run(service& what, const std::function<bool()>& is_enough,
                   const std::function<void(const std::string&)>& notice);

 private:
  struct sockets;
  explicit server(std::unique_ptr<sockets> s);
  std::unique_ptr<sockets> sockets_;
};

}  // namespace fabric::journal
