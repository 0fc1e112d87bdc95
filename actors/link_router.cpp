#include "actors/link_router.hpp"

#include <utility>

namespace fabric::actors {

transport::event_sink link_router::sink() {
  return [this](std::vector<transport::link_event_type> events) { route(std::move(events)); };
}

void link_router::set_gateway(receiver to) {
  const std::scoped_lock lock(guard_);
  gateway_ = std::move(to);
  gateway_known_ = true;
  if (gateway_ && !early_.empty()) gateway_(std::exchange(early_, {}));
}

transport::connection_id link_router::dial(transport::poll_loop& loop,
                                           const transport::dial_options& where, receiver owner) {
  // The loop may tell of the connection before `dial` returns; `route` waits for the lock meanwhile.
  const std::scoped_lock lock(guard_);
  const auto id = loop.dial(where);
  owners_.emplace(id, std::move(owner));
  return id;
}

void link_router::route(std::vector<transport::link_event_type> events) {
  struct delivery {
    transport::connection_id connection;
    receiver to;
    std::vector<transport::link_event_type> events;
  };
  std::vector<delivery> dialled;
  std::vector<transport::link_event_type> accepted;
  receiver gateway;
  {
    const std::scoped_lock lock(guard_);
    for (auto& event : events) {
      const auto id = std::visit([](const auto& what) { return what.connection; }, event);
      const auto owner = owners_.find(id);
      if (owner == owners_.end()) {
        accepted.push_back(std::move(event));
        continue;
      }
      const bool is_closed = std::holds_alternative<transport::link_event::closed>(event);
      if (dialled.empty() || dialled.back().connection != id)
        dialled.push_back({id, owner->second, {}});
      dialled.back().events.push_back(std::move(event));
      if (is_closed) owners_.erase(owner);
    }
    gateway = gateway_;
    if (!gateway_known_) std::move(accepted.begin(), accepted.end(), std::back_inserter(early_));
  }
  for (auto& one : dialled) one.to(std::move(one.events));
  if (!accepted.empty() && gateway) gateway(std::move(accepted));
}

}  // namespace fabric::actors
