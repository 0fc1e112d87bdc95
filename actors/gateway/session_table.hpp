#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/gateway/request_window.hpp"
#include "fabric/instant.hpp"
#include "transport/liveness.hpp"
#include "transport/poll_loop.hpp"

namespace fabric::actors {

/// One peer's open conversation with the head.
struct session {
  session_id id;
  transport::connection_id connection;
  transport::peer_identity peer;
  program_id program;  ///< 0 for those that are none
  std::string software;
  std::uint32_t version = 0;
  std::vector<std::string> features;
  std::uint64_t sent = 0;  ///< sequence of the last message to it
  transport::liveness life;
  request_window requests;
};

/// What holds for all sessions of a head.
struct session_rules {
  std::uint64_t epoch = 0;
  duration heartbeat{0};
  int missed_max = 5;         ///< intervals of silence before a session is closed
  std::size_t credits = 256;  ///< requests of a session under way at a time
};

/// Who is connected to the head. A value: the gateway actor feeds it. Session ids are
/// epoch << 32 | running number, so that no two heads ever give the same one.
class session_table {
 public:
  explicit session_table(session_rules how) : how_(how) {}

  /// A new session of this connection; an older one of the same connection is forgotten.
  session& open(transport::connection_id on, transport::peer_identity who, instant now);

  session* of(transport::connection_id connection);
  session* find(session_id id);
  /// The newest session of this node.
  session* of_node(node_id node);

  /// Forgets the session of a connection; answers it.
  std::optional<session> close(transport::connection_id connection);

  /// Sessions that have been silent for too long.
  [[nodiscard]] std::vector<transport::connection_id> silent(instant now) const;
  [[nodiscard]] std::vector<transport::connection_id> connections() const;
  [[nodiscard]] std::size_t size() const { return by_connection_.size(); }

 private:
  session_rules how_;
  std::uint32_t last_ = 0;
  std::map<transport::connection_id, session> by_connection_;
  std::unordered_map<session_id, transport::connection_id> by_id_;
  std::unordered_map<node_id, session_id> by_node_;
};

}  // namespace fabric::actors
