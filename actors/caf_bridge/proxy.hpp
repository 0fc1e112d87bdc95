#pragma once

#include <caf/actor_proxy.hpp>
#include <memory>

#include "fabric/ids.hpp"

namespace fabric::actors {

class caf_bridge;

/// The handle of an actor in another program: what it is sent, the bridge forwards. Monitors and
/// links to it are kept here, and fire when the other program says that the actor has ended, or is
/// gone itself.
class remote_actor final : public caf::actor_proxy {
 public:
  remote_actor(caf::actor_config& how, program_id where, std::weak_ptr<caf_bridge> bridge);

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* context) override;
  bool add_backlink(caf::abstract_actor* to) override;
  bool remove_backlink(caf::abstract_actor* to) override;
  void kill_proxy(caf::execution_unit* context, caf::error reason) override;

  /// The other side has linked its actor to ours, or not any more: nobody is told.
  void link_here(caf::abstract_actor* to);
  void unlink_here(caf::abstract_actor* to);

  [[nodiscard]] program_id where() const { return where_; }

 private:
  const program_id where_;
  const std::weak_ptr<caf_bridge> bridge_;
};

}  // namespace fabric::actors
