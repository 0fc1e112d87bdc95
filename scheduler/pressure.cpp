#include <algorithm>
#include <set>

#include "scheduler/flows.hpp"
#include "scheduler/transitions.hpp"

/// Programs hold their workers for as long as they have calls. So that they do not keep others
/// waiting to the end, those who hold more than whoever waits are told, now and then, to give
/// something back. They choose what, and when a call of theirs has ended.
namespace fabric::scheduler {

namespace {

constexpr duration first_after = std::chrono::milliseconds{500};
constexpr duration again_after = std::chrono::seconds{1};

bool holds_what_would_do(const state& s, program_id owner, const demand& needs) {
  const auto is_held_where_it_would_run = [&](job_id id) {
    const auto& leases = s.leases.all();
    for (auto at = leases.lower_bound({id, 0}); at != leases.end() && at->first.job == id; ++at)
      if (!at->second.is_lent && s.nodes.find(at->second.node)->stock.could_ever_fit(needs))
        return true;
    return false;
  };
  return std::ranges::any_of(s.owned.of(owner), is_held_where_it_would_run);
}

bool waits_in_vain(const demand_class& c) { return !c.line.empty() && c.fitting.size() == 0; }

bool anybody_waits_in_vain(const state& s) {
  return std::ranges::any_of(s.line.indexed(),
                             [&](auto number) { return waits_in_vain(s.line.of(number)); });
}

/// Whoever works on the node may have what a claim there waits for.
void press_for_claims(state& s, std::set<program_id>& pressed) {
  std::erase_if(s.contested, [&](node_id id) {
    const auto* n = s.nodes.find(id);
    return n == nullptr || n->claims.empty();
  });
  for (node_id id : s.contested)
    for (task_id task : s.nodes.find(id)->held) {
      const program_id owner = s.jobs.find(task.job)->what.shape().owner;
      if (owner != program_id{} && !s.leases.find(task)->is_lent) pressed.insert(owner);
    }
}

}  // namespace

/// After everything that fits was granted.
void watch_pressure(state& s) {
  if (s.owned.empty() || (s.contested.empty() && !anybody_waits_in_vain(s)))
    s.press_at = never;
  else if (s.press_at == never)
    s.press_at = s.clock + first_after;
}

void press(state& s) {
  s.press_at = s.clock + again_after;
  const auto owners = s.owned.owners();
  std::set<program_id> pressed;
  for (class_number number : s.line.indexed()) {
    const auto& c = s.line.of(number);
    if (!waits_in_vain(c) || !could_run_somewhere(s, number)) continue;
    const auto& j = *s.jobs.find(c.line.head(s.clock).job);
    const program_id waits = j.what.shape().owner;
    const std::size_t has = waits == program_id{} ? j.held() : s.owned.held_by(waits);
    for (program_id owner : owners) {
      const std::size_t its = s.owned.held_by(owner);
      // Giving one back must not make it the one that waits with less.
      const bool has_more = its > 0 && (has == 0 || its > has + 1);
      if (owner != waits && has_more && !pressed.contains(owner) &&
          holds_what_would_do(s, owner, c.needs))
        pressed.insert(owner);
    }
  }
  press_for_claims(s, pressed);
  for (program_id owner : pressed) s.out.say(command::press{owner});
}

}  // namespace fabric::scheduler
