#include "scheduler/node_table.hpp"

#include <algorithm>

#include "resources/check.hpp"

namespace fabric::scheduler {

std::string_view node_entry::state() const {
  if (is_lost) return "lost";
  if (is_recovering) return "recovering";
  if (is_draining) return held.empty() ? "drained" : "draining";
  if (!session || is_silent) return "disconnected";
  return "active";
}

node_entry* node_table::find(node_id id) {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

const node_entry* node_table::find(node_id id) const {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

node_entry& node_table::add(node_id id) {
  ++version_;
  const auto [at, is_new] = nodes_.try_emplace(id, id);
  FABRIC_CHECK(is_new);
  return at->second;
}

void node_table::erase(node_id id) {
  const auto found = nodes_.find(id);
  FABRIC_CHECK(found != nodes_.end() && found->second.held.empty());
  due_.erase({found->second.due, id});
  nodes_.erase(found);
  ++version_;
}

void node_table::reschedule(node_entry& n, duration silence) {
  instant due = never;
  if (!n.is_lost) due = std::min(due, n.lease_ends);
  if (n.session && !n.is_silent && !n.is_lost) due = std::min(due, n.last_heard + silence);
  due = std::min({due, n.hand_back_at, n.paused_until});
  if (due == n.due) return;
  if (n.due != never) due_.erase({n.due, n.id});
  if (due != never) due_.emplace(due, n.id);
  n.due = due;
}

node_entry* node_table::due(instant now) {
  if (due_.empty() || due_.begin()->first > now) return nullptr;
  return find(due_.begin()->second);
}

}  // namespace fabric::scheduler
