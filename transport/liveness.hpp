#pragma once

#include "fabric/instant.hpp"

namespace fabric::transport {

/// When to send a heartbeat and when to give a silent peer up. Pure; ours because libzmq's own
/// heartbeats abort the process under load (libzmq issues 3937, 4229, 4767).
class liveness {
 public:
  /// `interval` > 0; the peer is given up after `missed_max` intervals of silence.
  liveness(duration interval, int missed_max, instant now);

  void heard(instant now);
  void sent(instant now);

  [[nodiscard]] bool is_due(instant now) const;   ///< send a heartbeat
  [[nodiscard]] bool is_lost(instant now) const;  ///< close the session
  [[nodiscard]] instant next_wakeup() const;

 private:
  duration interval_;
  int missed_max_;
  instant heard_;
  instant sent_;
};

}  // namespace fabric::transport
