#pragma once

#include <functional>
#include <memory>

#include "actors/dashboard/door.hpp"
#include "actors/dashboard/request.hpp"

namespace fabric::dashboard {

/// Speaks HTTP/1.1 with a caller: reads the request in its head, writes the handler's reply, with
/// the headers that every reply has. One request a connection. The only place that sees the HTTP
/// library.
class http_desk {
 public:
  using handler = std::function<reply(const request&)>;
  /// What a caller may take until it has read its reply.
  static constexpr duration patience = std::chrono::seconds{5};

  explicit http_desk(handler answer);
  ~http_desk();

  /// Blocks until the reply is written or the caller's time is over. Any thread. What the handler
  /// throws becomes a bare 500.
  void serve(const caller& who);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace fabric::dashboard
