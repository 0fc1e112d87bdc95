#pragma once

#include <map>
#include <string>

#include "actors/gateway/session_table.hpp"
#include "transport/handshake.hpp"
#include "transport/poll_loop.hpp"

namespace fabric::actors {

/// Everything that the head says leaves here: messages get their session, number and epoch, and an
/// answer frees its request's place. Also knows by which names people know peers.
class post {
 public:
  post(transport::poll_loop& loop, session_table& sessions, transport::head_identity who)
      : loop_(&loop), sessions_(&sessions), who_(std::move(who)) {}

  /// An answer that cannot be sent (too large, or with a name that is no text) is replaced by the
  /// fault that says so.
  void send(session& to, const transport::message& body);
  /// Nothing where the session is over.
  void send(session_id to, const transport::message& body);
  /// To a peer that has no session.
  void send(transport::connection_id to, const transport::message& body);
  void refuse(transport::connection_id to, fault why, duration retry_after = duration{0});
  void close(transport::connection_id which) { loop_->close(which); }

  [[nodiscard]] const transport::head_identity& head() const { return who_; }

  void learn_name(node_id node, std::string name) { names_[node] = std::move(name); }
  /// Its id where no name is known.
  [[nodiscard]] std::string name_of(node_id node) const;
  /// "node n3", "client 8b18cc20f2d2533b".
  [[nodiscard]] std::string describe(const transport::peer_identity& who) const;

 private:
  transport::poll_loop* loop_;
  session_table* sessions_;
  transport::head_identity who_;
  std::map<node_id, std::string> names_;
};

}  // namespace fabric::actors
