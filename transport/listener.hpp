#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "transport/carrier.hpp"
#include "transport/monitor.hpp"
#include "transport/peer_address.hpp"

namespace fabric::transport {

/// A ROUTER and the peers that have spoken on it.
///
/// A routing id only says where to send. Who a peer is, is asked of every frame (User-Id), because
/// routing ids are the peers' to choose and could be taken over by another key.
class listener : public carrier {
 public:
  static result<std::unique_ptr<listener>> open(const context& in, const listen_options& where,
                                                const loop_options& limits,
                                                const admission& admitted);

  [[nodiscard]] std::string endpoint() const { return socket_.last_endpoint(); }

  [[nodiscard]] bool owns(connection_id which) const override { return peers_.contains(which); }
  void queue(connection_id to, outbox&& messages) override;
  void close(connection_id which, fault why, happenings& told) override;
  void recheck(const admission& admitted, happenings& told) override;
  void read(steady::time_point now, happenings& told) override;
  void write(steady::time_point now, happenings& told) override;
  void watch(std::vector<socket*>& sockets) override;
  [[nodiscard]] std::optional<steady::time_point> wakeup() const override;
  [[nodiscard]] bool has_unsent() const override { return !unsent_.empty(); }
  void linger(std::chrono::milliseconds at_most) override;
  [[nodiscard]] bool is_over() const override { return false; }

 private:
  struct peer {
    std::string routing_id;
    std::string user_id;
    peer_identity who;
    peer_address address;  // to cut it, and to notice that it left
    outbox out;
    bool closing = false;  // told as closed, not heard any more; `closing_` says when it is cut
  };
  using peer_map = std::map<connection_id, peer>;

  listener(const admission& admitted, const loop_options& limits)
      : admitted_(admitted), limits_(limits) {}

  void take_frame(const frame& routing_id, frame& content, happenings& told);
  peer_map::iterator peer_of(std::string_view routing_id, const frame& content, happenings& told);
  peer_map::iterator add(std::string_view routing_id, const frame& content);
  void forget_descriptor(int descriptor, happenings& told);
  void end(peer_map::iterator which, fault why, happenings& told);
  void erase(peer_map::iterator which);
  void flush(peer_map::iterator which, happenings& told);

  socket socket_;
  monitor monitor_;
  const admission& admitted_;
  loop_options limits_;
  bool insecure_ = false;
  peer_map peers_;
  std::unordered_map<std::string, connection_id> by_routing_id_;
  std::multimap<int, connection_id> by_descriptor_;  // oldest first
  std::set<connection_id> unsent_;
  std::map<connection_id, steady::time_point> closing_;
  steady::time_point now_{};
};

}  // namespace fabric::transport
