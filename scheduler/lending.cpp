#include <algorithm>
#include <utility>

#include "resources/check.hpp"
#include "scheduler/flows.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

/// What a lent lease keeps: its process is still there, with all its memory.
demand kept_while_lent(const demand& needs) {
  demand kept;
  kept.amounts.set(memory, needs.amounts[memory]);
  return kept;
}

/// The lease that this is about, where it is the task's latest and was not taken back.
lease* find_lease(state& s, attempt_id id) {
  auto* l = s.leases.find(id.task);
  return l != nullptr && l->id == id && !l->revoked ? l : nullptr;
}

void withdraw_claim(state& s, node_entry& n, task_id task, const std::string& note) {
  const auto found = std::ranges::find(n.claims, task, &claim::task);
  if (found == n.claims.end()) return;
  s.out.say(command::request_done{found->from, note});
  n.claims.erase(found);
}

bool take_back(node_entry& n, lease& l) {
  FABRIC_CHECK(n.stock.release(l.id));
  if (n.stock.reserve_again(l.id, l.what->needs, l.gpus)) return true;
  FABRIC_CHECK(n.stock.reserve_again(l.id, kept_while_lent(l.what->needs), {}));
  return false;
}

}  // namespace

void on(state& s, const event::lease_lent& e) {
  auto* l = find_lease(s, e.id);
  if (l == nullptr || (l->is_lent && s.nodes.find(l->node)->claims.empty())) {
    s.out.say(command::request_done{e.from, "nothing to lend"});
    return;
  }
  auto& n = *s.nodes.find(l->node);
  withdraw_claim(s, n, e.id.task, "withdrawn");
  if (!std::exchange(l->is_lent, true)) {
    FABRIC_CHECK(n.stock.release(l->id));
    FABRIC_CHECK(n.stock.reserve_again(l->id, kept_while_lent(l->what->needs), {}));
  }
  s.out.say(command::request_done{e.from, "lent"});
  serve_claims(s, n);
  mark(s, n);
}

void on(state& s, const event::lease_claimed& e) {
  auto* l = find_lease(s, e.id);
  if (l == nullptr || !l->is_lent) {
    s.out.say(command::request_done{e.from, "not lent"});
    return;
  }
  auto& n = *s.nodes.find(l->node);
  withdraw_claim(s, n, e.id.task, "withdrawn");
  n.claims.push_back({e.id.task, e.from});
  serve_claims(s, n);
  mark(s, n);
}

void serve_claims(state& s, node_entry& n) {
  while (!n.claims.empty()) {
    auto& l = *s.leases.find(n.claims.front().task);
    if (!take_back(n, l)) return;
    l.is_lent = false;
    s.out.say(command::request_done{n.claims.front().from, "held again"});
    n.claims.pop_front();
  }
}

void forget_claim(state& s, node_entry& n, task_id task) {
  withdraw_claim(s, n, task, "the attempt has ended");
}

}  // namespace fabric::scheduler
