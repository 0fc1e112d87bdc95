#include "transport/local_links.hpp"

#include <utility>

namespace fabric::transport {

result<void> local_links::listen(const listen_options& where) {
  if (!listeners_.emplace(where.endpoint, where.keys.public_key).second)
    return fault{fault_code::address_in_use, where.endpoint + " is taken in this process", ""};
  return {};
}

void local_links::dial(connection_id id, const dial_options& where, happenings& told) {
  const auto listener = listeners_.find(where.endpoint);
  if (listener == listeners_.end()) {
    told.push_back(link_event::closed{
        id, fault{fault_code::unreachable, "nobody listens at " + where.endpoint, ""}});
    return;
  }
  const auto identity = [](role as, const std::string& key) {
    return peer_identity{as, key, id_of_key(key), false};
  };
  const connection_id other = fresh_connection();
  ends_[id] = {other, identity(role::client, where.keys.public_key), {}};
  ends_[other] = {id, identity(role::head, listener->second), {}};
  told.push_back(link_event::opened{id});
}

void local_links::queue(connection_id to, outbox&& messages) {
  const auto it = ends_.find(to);
  if (it != ends_.end()) it->second.out.take(std::move(messages));
}

void local_links::write(steady::time_point, happenings& told) {
  for (auto& [id, e] : ends_) flush(id, e, told);
}

void local_links::flush(connection_id, end& e, happenings& told) {
  e.out.flush([&](std::string_view bytes) {
    tell_frame(e.other, e.who, std::as_bytes(std::span{bytes}), told);
    return sent::done;
  });
}

void local_links::close(connection_id which, fault why, happenings& told) {
  const auto it = ends_.find(which);
  if (it == ends_.end()) return;
  flush(which, it->second, told);
  told.push_back(link_event::closed{which, std::move(why)});
  told.push_back(link_event::closed{it->second.other, peer_left()});
  ends_.erase(it->second.other);
  ends_.erase(it);
}

}  // namespace fabric::transport
