#include <algorithm>

#include "scheduler/flows.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/transitions.hpp"

namespace fabric::scheduler {

namespace {

bool has_sense(const capacity& has) {
  const auto gpus = units(static_cast<std::int64_t>(has.gpu_ids.size()));
  return has.amounts[gpu] == gpus &&
         std::none_of(has.amounts.begin(), has.amounts.end(),
                      [](const auto& entry) { return entry.second.value < 0; });
}

std::string spelled(const event::node_joined& e) {
  return "node " + to_string(e.node) + " (" + e.name + ")";
}

constexpr std::size_t past_boots_max = 8;

/// True for a hello that a later one of the same machine overtook on its way. What it lists, and
/// above all what it does not list, is no news: taken for a new life of the node it would free what
/// runs there. Only where a machine was restored from a snapshot can it be news; such a one is
/// heard as soon as nothing of its earlier life can run any more.
bool is_overtaken(const node_entry& n, const event::node_joined& e) {
  if (!n.is_identified || n.is_lost) return false;
  if (n.boot_id == e.boot_id) return e.worker_time < n.worker_time;
  return std::find(n.past_boots.begin(), n.past_boots.end(), e.boot_id) != n.past_boots.end();
}

/// Why the node may not join, if so.
std::optional<fault> objection(const state& s, const node_entry* n, const event::node_joined& e) {
  if (!has_sense(e.has))
    return fault{fault_code::bad_message,
                 spelled(e) + " names " + std::to_string(e.has.gpu_ids.size()) +
                     " GPUs but offers " + to_string(e.has.amounts),
                 "run the same version of fabricd on both sides"};
  if (n == nullptr) return std::nullopt;
  // Sessions are numbered in order: this is an echo of a connection that was replaced since.
  if (e.session < n->newest_session)
    return fault{fault_code::config,
                 "DUPLICATE_NODE: a newer connection of " + spelled(e) + " exists", "reconnect"};
  if (is_overtaken(*n, e))
    return fault{fault_code::busy, "a later hello of " + spelled(e) + " came before this one",
                 "reconnect"};
  const bool is_other = n->is_identified && n->incarnation != e.incarnation;
  if (is_other && n->session && *n->session != e.session && s.clock - n->last_heard < s.silence())
    return fault{fault_code::config,
                 "DUPLICATE_NODE: " + spelled(e) +
                     " is already connected with the same key by another daemon",
                 "if the machine was cloned give it a key of its own; after a restart try again in "
                 "a few seconds"};
  return std::nullopt;
}

bool differs_from_record(const node_entry& n, const event::node_joined& e) {
  return !n.is_identified || n.name != e.name || n.incarnation != e.incarnation ||
         n.boot_id != e.boot_id;
}

/// What the node's list means for what the books say it holds.
struct comparison {
  std::vector<attempt_id> keep;
  std::vector<attempt_id> kill;
  std::vector<task_id> resend;  // perhaps never arrived
  std::vector<task_id> gone;    // dead for sure
};

comparison compare(const state& s, const node_entry& n, const event::node_joined& e,
                   bool is_new_life) {
  comparison c;
  std::set<attempt_id> listed;
  for (const auto& h : e.holding) {
    if (!listed.insert(h.id).second) continue;
    const auto* l = s.leases.find(h.id.task);
    const bool is_ours = l != nullptr && l->id == h.id && l->node == e.node;
    // An ended one does no harm: its report follows and is judged when it comes.
    (is_ours || h.ended ? c.keep : c.kill).push_back(h.id);
  }
  for (task_id task : n.held) {
    const auto& l = *s.leases.find(task);
    if (listed.contains(l.id)) continue;
    if (is_new_life)
      c.gone.push_back(task);
    else if (l.is_started || l.revoked)
      c.keep.push_back(l.id);  // a node declines what it is to keep and does not have
    else
      c.resend.push_back(task);
  }
  return c;
}

/// Of the tasks that ran when their machine went down, those that have been through most of this:
/// one that brings machines down is soon alone among them, and its neighbours go free.
std::set<task_id> most_suspect(state& s, const std::vector<task_id>& gone) {
  std::set<task_id> suspects;
  std::uint32_t most = 0;
  for (task_id id : gone) {
    if (!s.leases.find(id)->is_started) continue;
    const std::uint32_t crashes = s.jobs.find(id.job)->touched(id.index)->crashes;
    if (crashes > most) suspects.clear();
    most = std::max(most, crashes);
    if (crashes == most) suspects.insert(id);
  }
  return suspects;
}

void take_identity(state& s, node_entry& n, const event::node_joined& e, bool is_new_life) {
  if (differs_from_record(n, e)) {
    if (is_new_life) {
      // A daemon that was started anew wants work again.
      n.is_draining = false;
      n.hand_back_at = never;
    }
    s.out.keep(record::node_seen{e.node, e.name, e.incarnation.value, e.boot_id, n.is_draining});
  }
  if (n.is_identified && n.boot_id != e.boot_id) {
    if (n.past_boots.size() == past_boots_max) n.past_boots.erase(n.past_boots.begin());
    n.past_boots.push_back(n.boot_id);
  }
  n.name = e.name;
  n.incarnation = e.incarnation;
  n.boot_id = e.boot_id;
  n.is_identified = true;
}

void heard(state& s, node_entry& n) {
  n.last_heard = s.clock;
  n.lease_ends = s.lease_end();
  if (mutant::is_on("no_margin")) n.lease_ends -= s.how.margin;
  n.is_silent = n.is_lost = n.is_recovering = false;
  mark(s, n);
}

void restock(state& s, node_entry& n, const capacity& has) {
  if (n.stock.total() != has) s.nodes.membership_changed();
  n.stock = inventory{has};
  for (task_id task : n.held) {
    auto& l = *s.leases.find(task);
    n.stock.adopt(l.id, held_by(l), l.is_lent ? std::vector<gpu_share>{} : l.gpus);
  }
  serve_claims(s, n);
}

void confirm_running(state& s, lease& l) {
  if (l.is_started) return;
  l.is_started = true;
  auto& j = *s.jobs.find(l.id.task.job);
  j.touched(l.id.task.index)->state = task_state::running;
  say_changed(s, j, l.id.task.index, l.id.attempt, l.node);
}

}  // namespace

void on(state& s, const event::node_joined& e) {
  auto* known = s.nodes.find(e.node);
  if (auto why = objection(s, known, e)) {
    s.out.say(command::refuse_node{e.node, e.session, std::move(*why)});
    return;
  }
  auto& n = known != nullptr ? *known : s.nodes.add(e.node);
  const bool is_new_life =
      n.is_identified && (n.incarnation != e.incarnation || n.boot_id != e.boot_id);
  const bool has_restarted = n.is_identified && n.boot_id != e.boot_id;
  take_identity(s, n, e, is_new_life);
  n.worker_time = is_new_life ? e.worker_time : std::max(n.worker_time, e.worker_time);
  n.session = n.newest_session = e.session;
  n.paused_until = never;
  n.declines = 0;
  heard(s, n);

  const auto c = compare(s, n, e, is_new_life);
  const auto suspects = has_restarted ? most_suspect(s, c.gone) : std::set<task_id>{};
  for (task_id task : c.gone) {
    auto& l = *s.leases.find(task);
    suspects.contains(task) ? release_as_suspect(s, l) : release_as_lost(s, l);
  }
  restock(s, n, e.has);
  s.out.say(command::welcome{e.node, e.session, c.keep, c.kill, n.worker_time, s.how.lease});
  for (const auto& h : e.holding)
    if (auto* l = s.leases.find(h.id.task); l != nullptr && l->id == h.id && l->node == e.node)
      confirm_running(s, *l);
  const std::vector<task_id> held(n.held.begin(), n.held.end());
  for (task_id task : held) {
    auto& l = *s.leases.find(task);
    l.sends = 0;
    send_lease(s, l);
  }
}

void on(state& s, const event::node_heartbeat& e) {
  auto* n = s.nodes.find(e.node);
  if (n == nullptr || n->session != e.session) return;
  n->worker_time = std::max(n->worker_time, e.worker_time);
  heard(s, *n);
  s.out.say(command::renew{e.node, e.session, n->worker_time, s.how.lease});
}

void on(state& s, const event::session_lost& e) {
  auto* n = s.nodes.find(e.node);
  if (n == nullptr || n->session != e.session) return;
  n->session.reset();
  n->is_silent = false;
  mark(s, *n);
  for (task_id task : n->held) s.leases.send_again_at(*s.leases.find(task), never);
  if (mutant::is_on("session_end_frees")) n->lease_ends = s.clock;
}

void on(state& s, const event::node_left& e) {
  auto* n = s.nodes.find(e.node);
  if (n == nullptr || n->session != e.session) return;
  const std::vector<task_id> held(n->held.begin(), n->held.end());
  for (task_id task : held) release_as_lost(s, *s.leases.find(task));
  remove_node(s, *n, "left");
}

}  // namespace fabric::scheduler
