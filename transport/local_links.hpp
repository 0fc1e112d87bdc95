#pragma once

#include <map>
#include <string>

#include "transport/carrier.hpp"

namespace fabric::transport {

/// inproc:// — both ends are in this loop, so frames are handed over without a socket. They are
/// encoded and decoded all the same: what works here works over TCP. The dialler's key is taken
/// from its own process and therefore known, not proven.
class local_links : public carrier {
 public:
  explicit local_links(const loop_options& limits) : limits_(limits) {}

  result<void> listen(const listen_options& where);
  void dial(connection_id id, const dial_options& where, happenings& told);

  [[nodiscard]] bool owns(connection_id which) const override { return ends_.contains(which); }
  void queue(connection_id to, outbox&& messages) override;
  void close(connection_id which, fault why, happenings& told) override;
  void recheck(const admission&, happenings&) override {}
  void read(steady::time_point, happenings&) override {}
  void write(steady::time_point now, happenings& told) override;
  void watch(std::vector<socket*>&) override {}
  [[nodiscard]] std::optional<steady::time_point> wakeup() const override { return std::nullopt; }
  [[nodiscard]] bool has_unsent() const override { return false; }
  void linger(std::chrono::milliseconds) override {}
  [[nodiscard]] bool is_over() const override { return false; }

 private:
  struct end {
    connection_id other;
    peer_identity who;  // as the other end sees this one
    outbox out;
  };
  void flush(connection_id from, end& e, happenings& told);

  loop_options limits_;
  std::map<std::string, std::string> listeners_;  // endpoint → public key
  std::map<connection_id, end> ends_;
};

}  // namespace fabric::transport
