#include <algorithm>

#include "scheduler/flows.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

// Small tasks that keep coming would fill every gap for ever, and a large one would never run. So
// the first job of a demand that fits nowhere, holds nothing and got nothing for `starved_after`
// has one node kept free for it: what runs there ends, nothing of another demand starts, until it
// fits. Each demand saves at most one node and each node is saved for at most one demand; which
// node it is, is looked at again only after a quarter of `starved_after`.

namespace {

bool is_starved(const state& s, const demand_class& c) {
  const auto first = c.line.first_resting();
  if (!first) return false;
  return s.jobs.find(first->job)->unserved_since() + s.how.starved_after <= s.clock;
}

bool may_be_saved(const node_entry& n, const demand& needs) {
  return n.session && !n.is_lost && !n.is_draining && n.stock.could_ever_fit(needs);
}

/// The emptiest node that could run it, ties by node id.
node_entry* node_to_save(state& s, const demand& needs) {
  node_entry* best = nullptr;
  placement_score best_score = 0;
  for (auto& [id, n] : s.nodes.all()) {
    if (n.saved_for || !may_be_saved(n, needs)) continue;
    const placement_score score = score_of(placement_policy::spread, n.stock, needs);
    if (best != nullptr && score >= best_score) continue;
    best = &n;
    best_score = score;
  }
  return best;
}

bool is_worth_going_on(const state& s, const demand_class& c) {
  const auto* n = s.nodes.find(*c.saving);
  return n != nullptr && may_be_saved(*n, c.needs) && is_starved(s, c);
}

bool try_to_save(state& s, class_number number) {
  auto& c = s.line.of(number);
  c.search_at = s.clock + std::max(s.how.starved_after / 4, duration{1});
  auto* n = could_run_somewhere(s, number) ? node_to_save(s, c.needs) : nullptr;
  if (n == nullptr) return false;
  n->saved_for = number;
  c.saving = n->id;
  s.saving.insert(number);
  mark(s, *n);
  refresh(s, *n);
  return true;
}

}  // namespace

void stop_saving(state& s, class_number number) {
  auto& c = s.line.of(number);
  auto* n = s.nodes.find(*c.saving);
  c.saving.reset();
  s.saving.erase(number);
  if (n != nullptr) {
    n->saved_for.reset();
    mark(s, *n);
    refresh(s, *n);
  }
  s.line.tidy(number);
}

instant saving_due(const state& s, class_number number) {
  const auto& c = s.line.of(number);
  if (c.line.empty() || c.saving || c.fitting.size() > 0) return never;
  // Nothing known could run it: a node that joins is what helps.
  if (c.witness_version == s.nodes.version() && !c.witness) return never;
  const auto first = c.line.first_resting();
  if (!first) return never;
  return std::max(c.search_at, s.jobs.find(first->job)->unserved_since() + s.how.starved_after);
}

bool tend_savings(state& s) {
  bool is_changed = false;
  for (class_number number : std::vector<class_number>(s.saving.begin(), s.saving.end())) {
    if (is_worth_going_on(s, s.line.of(number))) continue;
    stop_saving(s, number);
    is_changed = true;
  }
  for (class_number number : s.line.indexed())
    if (saving_due(s, number) <= s.clock) is_changed = try_to_save(s, number) || is_changed;
  return is_changed;
}

}  // namespace fabric::scheduler
