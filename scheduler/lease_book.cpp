#include "scheduler/lease_book.hpp"

#include "resources/check.hpp"

namespace fabric::scheduler {

lease* lease_book::find(task_id id) {
  const auto found = leases_.find(id);
  return found == leases_.end() ? nullptr : &found->second;
}

const lease* lease_book::find(task_id id) const {
  const auto found = leases_.find(id);
  return found == leases_.end() ? nullptr : &found->second;
}

lease& lease_book::add(lease l) {
  const task_id id = l.id.task;
  const auto [at, is_new] = leases_.try_emplace(id, std::move(l));
  FABRIC_CHECK(is_new);
  return at->second;
}

void lease_book::erase(task_id id) {
  const auto found = leases_.find(id);
  FABRIC_CHECK(found != leases_.end());
  if (found->second.send_again != never) due_.erase({found->second.send_again, id});
  leases_.erase(found);
}

void lease_book::send_again_at(lease& l, instant when) {
  if (l.send_again != never) due_.erase({l.send_again, l.id.task});
  if (when != never) due_.emplace(when, l.id.task);
  l.send_again = when;
}

lease* lease_book::due(instant now) {
  if (due_.empty() || due_.begin()->first > now) return nullptr;
  return find(due_.begin()->second);
}

bool lease_book::is_consistent() const {
  std::size_t timed = 0;
  for (const auto& [id, l] : leases_) {
    if (l.id.task != id) return false;
    if (l.send_again == never) continue;
    ++timed;
    if (!due_.contains({l.send_again, id})) return false;
  }
  return timed == due_.size();
}

}  // namespace fabric::scheduler
