#pragma once

#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "transport/poll_loop.hpp"

namespace fabric::actors {

/// Hands what the poll loop tells to whoever owns the connection: a dialled one belongs to the actor
/// that dialled, every other to the gateway. Thread-safe.
class link_router {
 public:
  using receiver = std::function<void(std::vector<transport::link_event_type>)>;

  /// For `poll_loop::start`. The router must outlive the loop.
  transport::event_sink sink();

  /// Who gets the events of peers of our listener; what came before the first call is handed over by it.
  void set_gateway(receiver to);

  /// Dials; the connection's events go to `owner`, none is missed.
  transport::connection_id dial(transport::poll_loop& loop, const transport::dial_options& where,
                                receiver owner);

 private:
  void route(std::vector<transport::link_event_type> events);

  std::mutex guard_;
  receiver gateway_;
  bool gateway_known_ = false;
  std::vector<transport::link_event_type> early_;
  std::unordered_map<transport::connection_id, receiver> owners_;
};

}  // namespace fabric::actors
