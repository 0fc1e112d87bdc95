#pragma once

#include <string>
#include <vector>

#include "transport/admission.hpp"
#include "transport/socket.hpp"

namespace fabric::transport {

/// Answers libzmq's question whether a peer may come in (ZAP, RFC 27), for every listener of its
/// context. Must be opened before any listener binds.
class zap_responder {
 public:
  static result<zap_responder> open(const context& in);

  /// Takes the questions that are there.
  void receive();
  /// Answers them. A separate step, because by the time a newcomer is let in, everything that its
  /// predecessor on the same descriptor left behind must be dealt with.
  void reply(const admission& admitted);

  /// To wait for.
  [[nodiscard]] socket& questions() { return socket_; }

 private:
  struct question {
    std::string envelope;  // ROUTER's address of the asking session
    std::string request_id;
    std::string domain;
    std::string mechanism;
    std::string credential;
  };
  void answer(const question& q, std::string_view status, std::string_view user_id);

  socket socket_;
  std::vector<question> waiting_;
};

}  // namespace fabric::transport
