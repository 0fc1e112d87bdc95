#include "scheduler/describe.hpp"

#include <cstdint>

namespace fabric::scheduler {

namespace {

/// "1.5s", "200ms": exact to the microsecond.
std::string text_of(duration d) {
  const std::int64_t us = d.count();
  if (us % 1'000'000 == 0) return std::to_string(us / 1'000'000) + "s";
  if (us % 1'000 == 0) return std::to_string(us / 1'000) + "ms";
  return std::to_string(us) + "us";
}
std::string text_of(instant t) { return t == never ? "never" : text_of(t.time_since_epoch()); }
std::string text_of(session_id s) { return std::to_string(s.value); }
std::string text_of(const std::string& s) { return s.empty() ? "" : " (" + s + ")"; }
std::string text_of(std::string_view s) { return std::string(s); }
std::string text_of(const job_or_task& w) {
  return w.index ? "task " + to_string(task_id{w.job, *w.index}) : "job " + to_string(w.job);
}
std::string text_of(const demand& needs) {
  std::string text = needs.amounts.empty() ? "nothing" : to_string(needs.amounts);
  for (const auto& condition : needs.where) text += ", " + to_string(condition);
  return text;
}
std::string text_of(const job& what) {
  std::string text = std::to_string(what.count) + (what.count == 1 ? " task, " : " tasks, ");
  text += "needs " + text_of(what.needs);
  if (!what.key.empty()) text += ", key " + what.key;
  if (what.priority != 0) text += ", priority " + std::to_string(what.priority);
  for (job_id id : what.after) text += ", after " + to_string(id);
  return text;
}
template <class Item, class Text>
std::string list_of(const std::vector<Item>& items, Text text) {
  std::string line;
  for (const auto& item : items) line += (line.empty() ? "" : " ") + text(item);
  return line.empty() ? "none" : line;
}
std::string text_of(const std::vector<attempt_id>& ids) {
  return list_of(ids, [](attempt_id id) { return to_string(id); });
}
std::string text_of(const std::vector<gpu_share>& gpus) {
  if (gpus.empty()) return {};
  return ", gpu " + list_of(gpus, [](const gpu_share& g) {
           return g.share == units(1) ? g.id : g.id + "x" + to_string(g.share);
         });
}
std::string counts(std::uint32_t failures, std::uint32_t crashes, std::uint32_t lost) {
  std::string text;
  if (failures > 0) text += ", failures " + std::to_string(failures);
  if (crashes > 0) text += ", crashes " + std::to_string(crashes);
  if (lost > 0) text += ", lost " + std::to_string(lost);
  return text;
}
std::string node_of(node_id id) { return id == node_id{} ? "" : " on " + to_string(id); }

std::string line(const event::job_submitted& e) { return "submitted: " + text_of(*e.what); }
std::string line(const event::cancel_requested& e) {
  const bool always = e.on == event::cancel_requested::when::always;
  return "cancel " + text_of(e.what) + (always ? "" : " unless held");
}
std::string line(const event::node_joined& e) {
  return "joined: " + to_string(e.node) + " session " + text_of(e.session) + ", has " +
         to_string(e.has.amounts) + ", holds " +
         list_of(e.holding, [](const event::held_attempt& h) {
           return to_string(h.id) + (h.ended ? " (ended)" : "");
         });
}
std::string line(const event::node_heartbeat& e) {
  return "heartbeat: " + to_string(e.node) + " session " + text_of(e.session);
}
std::string line(const event::session_lost& e) {
  return "session lost: " + to_string(e.node) + " session " + text_of(e.session);
}
std::string line(const event::node_left& e) {
  return "left: " + to_string(e.node) + " session " + text_of(e.session);
}
std::string line(const event::attempt_started& e) {
  return "started: " + to_string(e.id) + " on " + to_string(e.node);
}
std::string line(const event::attempt_declined& e) {
  return "declined: " + to_string(e.id) + " by " + to_string(e.node);
}
std::string line(const event::attempt_ended& e) {
  return "ended: " + to_string(e.id) + " on " + to_string(e.node) + ", " + text_of(name_of(e.how));
}
std::string line(const event::drain_requested& e) {
  return "drain " + to_string(e.node) + " within " + text_of(e.deadline);
}
std::string line(const event::lease_lent& e) { return "lent " + to_string(e.id); }
std::string line(const event::lease_claimed& e) { return "claimed " + to_string(e.id); }
std::string line(const event::owner_gone& e) { return "owner gone " + to_string(e.program); }
std::string line(const event::forget_requested& e) { return "forget " + to_string(e.node); }
std::string line(const event::ticked&) { return "ticked"; }

std::string line(const record::job_added& r) {
  return "job " + to_string(r.id) + " added: " + text_of(*r.what);
}
std::string line(const record::attempt_granted& r) {
  return "attempt " + to_string(r.id) + " granted" + node_of(r.node) + text_of(r.gpus);
}
std::string line(const record::task_released& r) {
  return "task " + to_string(r.task) + " released after attempt " + std::to_string(r.last_attempt) +
         counts(r.failures, r.crashes, r.lost);
}
std::string line(const record::task_finished& r) {
  return "task " + to_string(r.task) + " " + text_of(name_of(r.state)) + " with attempt " +
         std::to_string(r.attempt) + node_of(r.node) + counts(r.failures, 0, r.lost);
}
std::string line(const record::job_cancelled& r) {
  return "job " + to_string(r.job) + " cancelled" + text_of(r.reason);
}
std::string line(const record::node_seen& r) {
  return "node " + to_string(r.node) + " seen" + (r.draining ? ", draining" : "");
}
std::string line(const record::node_forgotten& r) { return "node " + to_string(r.node) + " gone"; }

std::string line(const command::persist& c) { return "keep " + describe(c.what); }
std::string line(const command::grant& c) {
  return "grant " + to_string(c.id) + " to " + to_string(c.node) + text_of(c.gpus) + ", lease " +
         text_of(c.worker_time) + "+" + text_of(c.lease);
}
std::string line(const command::revoke& c) {
  return "revoke " + to_string(c.id) + " on " + to_string(c.node) + ", " +
         text_of(name_of(c.because)) + ", grace " + text_of(c.grace);
}
std::string line(const command::welcome& c) {
  return "welcome " + to_string(c.node) + " session " + text_of(c.session) + ", keep " +
         text_of(c.keep) + ", kill " + text_of(c.kill);
}
std::string line(const command::refuse_node& c) {
  return "refuse " + to_string(c.node) + " session " + text_of(c.session) + ": " + to_line(c.why);
}
std::string line(const command::renew& c) {
  return "renew " + to_string(c.node) + ", lease " + text_of(c.worker_time) + "+" +
         text_of(c.lease);
}
std::string line(const command::acknowledge_report& c) {
  return "acknowledge " + to_string(c.id) + " to " + to_string(c.node) + (c.stale ? ", stale" : "");
}
std::string line(const command::job_accepted& c) {
  return "accept job " + to_string(c.id) + (c.existed ? ", known by its key" : "") +
         text_of(c.note);
}
std::string line(const command::request_refused& c) { return "refuse request: " + to_line(c.why); }
std::string line(const command::request_done& c) { return "done: " + c.note; }
std::string line(const command::task_changed& c) {
  return "task " + to_string(c.task) + " is " + text_of(name_of(c.state)) +
         (c.attempt > 0 ? ", attempt " + std::to_string(c.attempt) : "") + node_of(c.node);
}
std::string line(const command::job_finished& c) {
  return "job " + to_string(c.job) + (c.all_succeeded ? " succeeded" : " ended without success") +
         text_of(c.reason);
}
std::string line(const command::press& c) { return "press program " + to_string(c.owner); }
std::string line(const command::node_changed& c) {
  return "node " + to_string(c.node) + " is " + text_of(c.state);
}

}  // namespace

std::string describe(const event_type& what) {
  return std::visit([](const auto& e) { return line(e); }, what);
}
std::string describe(const command_type& what) {
  return std::visit([](const auto& c) { return line(c); }, what);
}
std::string describe(const record_type& what) {
  return std::visit([](const auto& r) { return line(r); }, what);
}

}  // namespace fabric::scheduler
