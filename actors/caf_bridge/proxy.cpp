#include "actors/caf_bridge/proxy.hpp"

#include <caf/all.hpp>

#include "actors/caf_bridge/bridge.hpp"

namespace fabric::actors {

remote_actor::remote_actor(caf::actor_config& how, program_id where,
                           std::weak_ptr<caf_bridge> bridge)
    : caf::actor_proxy(how), where_(where), bridge_(std::move(bridge)) {}

/// An exit that is sent ends the link that it may come of: it must not come twice.
void remote_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* context) {
  if (getf(is_terminated_flag)) return bounce(what);
  const auto bridge = bridge_.lock();
  if (!bridge) return bounce(what, caf::make_error(caf::exit_reason::remote_link_unreachable));
  if (what->content().match_elements<caf::exit_msg>())
    if (const auto source =
            caf::actor_cast<caf::strong_actor_ptr>(what->content().get_as<caf::exit_msg>(0).source))
      unlink_here(source->get());
  bridge->forward(*this, *what, context);
}

// Both are called while this actor and the other one are locked.
bool remote_actor::add_backlink(caf::abstract_actor* to) {
  if (!monitorable_actor::add_backlink(to)) return false;
  if (const auto bridge = bridge_.lock()) bridge->link(*this, to->id(), true);
  return true;
}

bool remote_actor::remove_backlink(caf::abstract_actor* to) {
  if (!monitorable_actor::remove_backlink(to)) return false;
  if (const auto bridge = bridge_.lock()) bridge->link(*this, to->id(), false);
  return true;
}

void remote_actor::link_here(caf::abstract_actor* to) {
  exclusive_critical_section([&] { monitorable_actor::add_backlink(to); });
}

void remote_actor::unlink_here(caf::abstract_actor* to) {
  exclusive_critical_section([&] { monitorable_actor::remove_backlink(to); });
}

void remote_actor::kill_proxy(caf::execution_unit* context, caf::error reason) {
  cleanup(std::move(reason), context);
}

}  // namespace fabric::actors
