#pragma once

#include <memory>

#include "transport/carrier.hpp"
#include "transport/monitor.hpp"

namespace fabric::transport {

/// One connection that this side dialled: a DEALER that lives as long as its one TCP connection.
class dialled : public carrier {
 public:
  /// Where the socket cannot even be made, tells `closed` in the first pass.
  static std::unique_ptr<dialled> start(const context& in, connection_id id,
                                        const dial_options& where, const loop_options& limits,
                                        steady::time_point now);

  [[nodiscard]] bool owns(connection_id which) const override { return which == id_; }
  void queue(connection_id to, outbox&& messages) override;
  void close(connection_id which, fault why, happenings& told) override;
  void recheck(const admission&, happenings&) override {}
  void read(steady::time_point now, happenings& told) override;
  void write(steady::time_point now, happenings& told) override;
  void watch(std::vector<socket*>& sockets) override;
  [[nodiscard]] std::optional<steady::time_point> wakeup() const override;
  [[nodiscard]] bool has_unsent() const override { return stage_ == stage::open && !out_.empty(); }
  void linger(std::chrono::milliseconds at_most) override;
  [[nodiscard]] bool is_over() const override { return stage_ == stage::over; }

 private:
  enum class stage : std::uint8_t { connecting, handshaking, open, over };

  dialled(connection_id id, const dial_options& where, const loop_options& limits);
  result<void> open_socket(const context& in, const dial_options& where);
  void follow(const monitor_event& event, happenings& told);
  void drain(happenings& told);
  void end(fault why, happenings& told);
  [[nodiscard]] fault handshake_broke_off() const;

  connection_id id_;
  std::string endpoint_;
  peer_identity head_;
  loop_options limits_;
  duration connect_timeout_;
  duration handshake_timeout_;
  steady::time_point deadline_{};  // of the stage
  stage stage_ = stage::connecting;
  std::optional<fault> never_began_;
  std::optional<socket> socket_;
  std::optional<monitor> monitor_;
  outbox out_;
  steady::time_point now_{};
};

}  // namespace fabric::transport
