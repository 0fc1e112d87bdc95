#include <algorithm>
#include <utility>

#include "resources/check.hpp"
#include "scheduler/flows.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

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

void lend_out(node_entry& n, lease& l) {
  if (std::exchange(l.is_lent, true)) return;
  FABRIC_CHECK(n.stock.release(l.id));
  n.stock.adopt(l.id, held_by(l), {});
}

bool take_back(node_entry& n, lease& l) {
  FABRIC_CHECK(n.stock.release(l.id));
  if (n.stock.reserve_again(l.id, l.what->needs, l.gpus)) return true;
  n.stock.adopt(l.id, held_by(l), {});
  return false;
}

}  // namespace

/// A lent one keeps its memory: its process is still there, with all that it has in it.
demand held_by(const lease& l) {
  if (!l.is_lent) return l.what->needs;
  demand kept;
  kept.amounts.set(memory, l.what->needs.amounts[memory]);
  return kept;
}

void on(state& s, const event::lease_lent& e) {
  auto* l = find_lease(s, e.id);
  if (l == nullptr || (l->is_lent && s.nodes.find(l->node)->claims.empty())) {
    s.out.say(command::request_done{e.from, "nothing to lend"});
    return;
  }
  auto& n = *s.nodes.find(l->node);
  withdraw_claim(s, n, e.id.task, "withdrawn");
  lend_out(n, *l);
  s.out.say(command::request_done{e.from, "lent"});
  serve_claims(s, n);
  mark(s, n);
}

void on(state& s, const event::lease_claimed& e) {
  auto* l = find_lease(s, e.id);
  if (l == nullptr) {
    s.out.say(command::request_done{e.from, "not lent"});
    return;
  }
  auto& n = *s.nodes.find(l->node);
  // A head that was restarted does not know what was lent. It took all that is held for held, more
  // than there is perhaps: then this claim waits as any other.
  lend_out(n, *l);
  withdraw_claim(s, n, e.id.task, "withdrawn");
  n.claims.push_back({e.id.task, e.from});
  serve_claims(s, n);
  if (!n.claims.empty()) {
    s.contested.insert(n.id);
    s.press_at = s.clock;
  }
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
