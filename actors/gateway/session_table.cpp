#include "actors/gateway/session_table.hpp"

#include <utility>

namespace fabric::actors {

session& session_table::open(transport::connection_id on, transport::peer_identity who,
                             instant now) {
  close(on);
  const session_id id{(how_.epoch << 32) | ++last_};
  by_id_[id] = on;
  if (who.as == transport::role::worker) by_node_[who.id] = id;
  session fresh{.id = id,
                .connection = on,
                .peer = std::move(who),
                .life = transport::liveness{how_.heartbeat, how_.missed_max, now},
                .requests = request_window{how_.credits}};
  return by_connection_.emplace(on, std::move(fresh)).first->second;
}

session* session_table::of(transport::connection_id connection) {
  auto found = by_connection_.find(connection);
  return found == by_connection_.end() ? nullptr : &found->second;
}

session* session_table::find(session_id id) {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : of(found->second);
}

session* session_table::of_node(node_id node) {
  auto found = by_node_.find(node);
  return found == by_node_.end() ? nullptr : find(found->second);
}

std::optional<session> session_table::close(transport::connection_id connection) {
  auto found = by_connection_.find(connection);
  if (found == by_connection_.end()) return std::nullopt;
  session gone = std::move(found->second);
  by_connection_.erase(found);
  by_id_.erase(gone.id);
  auto node = by_node_.find(gone.peer.id);
  if (node != by_node_.end() && node->second == gone.id) by_node_.erase(node);
  return gone;
}

std::vector<transport::connection_id> session_table::silent(instant now) const {
  std::vector<transport::connection_id> found;
  for (const auto& [connection, who] : by_connection_)
    if (who.life.is_lost(now)) found.push_back(connection);
  return found;
}

std::vector<transport::connection_id> session_table::connections() const {
  std::vector<transport::connection_id> all;
  for (const auto& [connection, who] : by_connection_) all.push_back(connection);
  return all;
}

}  // namespace fabric::actors
