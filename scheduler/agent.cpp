#include "scheduler/agent.hpp"

#include <algorithm>
#include <functional>

#include "scheduler/mutant.hpp"

namespace fabric::scheduler {
namespace {

/// A lease beyond this is no lease that a head of ours gives (24 h at most); without the bound a
/// hostile one could overflow the sum below.
constexpr duration lease_bound = std::chrono::hours{24 * 366};

bool is_among(const std::vector<attempt_id>& list, attempt_id id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

}  // namespace

agent::agent(agent_settings how) : how_(how) {}

void agent::adopt_spooled(attempt_id id, ending how, std::string report) {
  held h;
  h.started = true;
  h.ended = true;
  h.how = how;
  h.report = std::move(report);
  h.spooled = true;
  held_.insert_or_assign(id, std::move(h));
}

std::vector<agent_command_type> agent::step(const agent_event_type& what, instant now) {
  commands out;
  std::visit([&](const auto& e) { on(e, now, out); }, what);
  do_what_is_due(now, out);
  return out;
}

void agent::on(const agent_event::welcomed& e, instant now, commands& out) {
  const bool is_new = !in_session_;
  in_session_ = true;
  extend_fence(e.worker_time, e.lease, now, out);
  if (e.lease > duration{0} && e.lease <= lease_bound) lease_ = e.lease;
  for (auto& [id, h] : held_) {
    if (h.ended) continue;
    const bool was_told_of = h.granted_at <= e.worker_time;
    const bool is_unwanted = was_told_of && !is_among(e.keep, id);
    if (is_among(e.kill, id) || is_unwanted) kill(id, h, ending::lost, duration{0}, out);
  }
  // A head that believes us to hold what we do not would wait for its report for ever.
  for (const auto id : e.keep)
    if (!held_.contains(id) && grave_of(id) == nullptr) decline(id, false, now, out);
  if (!is_new) return;
  next_heartbeat_ = now;
  for (auto& [id, h] : held_) {
    h.sends = 0;
    if (h.ended) send(id, h, now, out);
  }
}

void agent::on(const agent_event::renewed& e, instant now, commands& out) {
  if (in_session_) extend_fence(e.worker_time, e.lease, now, out);
}

void agent::on(const agent_event::granted& e, instant now, commands& out) {
  if (!in_session_) return;
  if (const auto known = held_.find(e.id); known != held_.end()) {
    extend_fence(e.worker_time, e.lease, now, out);
    if (known->second.ended)
      send(e.id, known->second, now, out);
    else if (known->second.started)
      out.emplace_back(agent_command::send_started{e.id});
    return;
  }
  if (const auto* grave = grave_of(e.id); grave != nullptr && !mutant::is_on("no_tombstone")) {
    if (grave->declined || grave->attempt != e.id.attempt) decline(e.id, false, now, out);
    return;
  }
  const bool is_ours = extend_fence(e.worker_time, e.lease, now, out);
  const bool is_late =
      is_ours && e.worker_time + e.lease <= now && !mutant::is_on("late_grant_accepted");
  if (!is_ours || is_late || draining_ || !may_start(e.id)) {
    decline(e.id, is_late, now, out);
    return;
  }
  held h;
  h.granted_at = now;
  held_.emplace(e.id, std::move(h));
  out.emplace_back(agent_command::start_process{e.id, e.work, e.time_limit});
}

void agent::on(const agent_event::revoked& e, instant now, commands& out) {
  if (!in_session_) return;
  if (const auto known = held_.find(e.id); known != held_.end()) {
    if (known->second.ended)
      send(e.id, known->second, now, out);
    else
      kill(e.id, known->second, e.because, e.grace, out);
    return;
  }
  const auto* grave = grave_of(e.id);
  if (grave == nullptr || grave->declined) decline(e.id, false, now, out);
}

void agent::on(const agent_event::report_acknowledged& e, instant now, commands& out) {
  if (!in_session_) return;
  const auto known = held_.find(e.id);
  if (known == held_.end() || !known->second.ended) return;
  if (known->second.spooled) out.emplace_back(agent_command::drop_spooled{e.id});
  held_.erase(known);
  bury(e.id, false, now);
}

void agent::on(const agent_event::session_lost&, instant now, commands&) {
  in_session_ = false;
  for (auto& [task, grave] : tombstones_) grave.until = std::min(grave.until, now + lease_longest_);
  next_heartbeat_ = never;
  for (auto& [id, h] : held_) h.send_again = never;
}

void agent::on(const agent_event::process_started& e, instant, commands& out) {
  const auto known = held_.find(e.id);
  if (known == held_.end() || known->second.ended || known->second.started) return;
  known->second.started = true;
  if (in_session_) out.emplace_back(agent_command::send_started{e.id});
}

void agent::on(const agent_event::process_ended& e, instant now, commands& out) {
  const auto known = held_.find(e.id);
  if (known == held_.end() || known->second.ended) return;
  held& h = known->second;
  h.ended = true;
  h.how = h.told.value_or(e.how);
  h.report = e.report;
  if (now - h.granted_at >= how_.spool_from) {
    h.spooled = true;
    out.emplace_back(agent_command::spool_report{e.id, h.how, h.report});
  }
  if (in_session_) send(e.id, h, now, out);
}

void agent::on(const agent_event::drain& e, instant now, commands&) {
  draining_ = true;
  hand_back_at_ = std::min(hand_back_at_, now + std::clamp(e.deadline, duration{0}, lease_bound));
}

void agent::on(const agent_event::ticked&, instant, commands&) {}

bool agent::extend_fence(instant worker_time, duration lease, instant now, commands& out) {
  if (worker_time > now || worker_time < instant{}) return false;
  if (lease <= duration{0} || lease > lease_bound) return false;
  lease_longest_ = std::max(lease_longest_, lease);
  const instant counted_from = mutant::is_on("lease_from_receipt") ? now : worker_time;
  const instant until = counted_from + lease;
  if (until > fence_ || mutant::is_on("fence_moves_back")) {
    fence_ = until;
    out.emplace_back(agent_command::set_fence{fence_});
  }
  return true;
}

const agent::tombstone* agent::grave_of(attempt_id id) const {
  const auto grave = tombstones_.find(id.task);
  const bool is_buried = grave != tombstones_.end() && grave->second.attempt >= id.attempt;
  return is_buried ? &grave->second : nullptr;
}

bool agent::may_start(attempt_id id) const {
  const attempt_id first{id.task, 0};
  for (auto i = held_.lower_bound(first); i != held_.end() && i->first.task == id.task; ++i)
    if (!i->second.ended || i->first.attempt > id.attempt) return false;
  return true;
}

void agent::kill(attempt_id id, held& h, ending because, duration grace, commands& out) {
  if (h.told && grace >= h.grace) return;
  if (!h.told) h.told = because;
  h.grace = std::max(grace, duration{0});
  out.emplace_back(agent_command::kill_process{id, h.grace});
}

void agent::decline(attempt_id id, bool late, instant now, commands& out) {
  if (!mutant::is_on("declined_not_buried")) bury(id, true, now);
  out.emplace_back(agent_command::send_declined{id, late});
}

/// Every copy of an acknowledged attempt's grant was sent before the head learned of its end, so it
/// echoes a time of ours that is not later than now: none is valid when the longest lease from now
/// on is over. Of a decline we do not know when the head learns it, only that it is in this
/// session.
void agent::bury(attempt_id id, bool declined, instant now) {
  auto& grave = tombstones_[id.task];
  const instant until = declined ? never : now + lease_longest_;
  if (id.attempt >= grave.attempt)
    grave = {id.attempt, until, declined};
  else
    grave.until = std::max(grave.until, until);
}

void agent::send(attempt_id id, held& h, instant now, commands& out) {
  out.emplace_back(agent_command::send_report{id, h.how, h.report});
  ++h.sends;
  h.send_again =
      now + wait_before_retry(how_.resend, h.sends, how_.seed ^ std::hash<attempt_id>{}(id));
}

void agent::do_what_is_due(instant now, commands& out) {
  if (now >= fence_) {
    for (auto& [id, h] : held_) {
      if (h.ended || h.fenced) continue;
      h.fenced = true;
      kill(id, h, ending::lost, duration{0}, out);
    }
  }
  if (now >= hand_back_at_) {
    for (auto& [id, h] : held_)
      if (!h.ended) kill(id, h, ending::preempted, how_.hand_back_grace, out);
  }
  if (now >= next_heartbeat_) {
    out.emplace_back(agent_command::send_heartbeat{now});
    const duration beat =
        lease_ > duration{0} ? std::min(how_.heartbeat, lease_ / 5) : how_.heartbeat;
    next_heartbeat_ = now + std::max(beat, duration{1});
  }
  resend_what_is_due(now, out);
  std::erase_if(tombstones_, [now](const auto& t) { return t.second.until <= now; });
  if (draining_ && held_.empty() && !said_drained_) {
    said_drained_ = true;
    out.emplace_back(agent_command::drained{});
  }
}

void agent::resend_what_is_due(instant now, commands& out) {
  for (auto& [id, h] : held_)
    if (h.ended && h.send_again <= now) send(id, h, now, out);
  if (mutant::is_on("report_forgotten_when_sent"))
    std::erase_if(held_, [](const auto& entry) { return entry.second.sends > 0; });
}

instant agent::next_wakeup() const {
  instant next = next_heartbeat_;
  for (const auto& [id, h] : held_) {
    if (h.ended) {
      next = std::min(next, h.send_again);
      continue;
    }
    if (!h.fenced) next = std::min(next, fence_);
    if (!h.told) next = std::min(next, hand_back_at_);
  }
  return next;
}

std::vector<event::held_attempt> agent::holding() const {
  std::vector<event::held_attempt> list;
  list.reserve(held_.size());
  for (const auto& [id, h] : held_) list.push_back({id, h.ended});
  return list;
}

std::size_t agent::running() const {
  return static_cast<std::size_t>(
      std::count_if(held_.begin(), held_.end(), [](const auto& e) { return !e.second.ended; }));
}

std::size_t agent::unacknowledged() const { return held_.size() - running(); }

std::string agent::broken_invariant() const {
  const attempt_id* runs = nullptr;
  for (const auto& [id, h] : held_) {
    const std::string who = "attempt " + to_string(id);
    const auto* grave = grave_of(id);
    if (grave != nullptr && grave->attempt == id.attempt) return who + " is held and buried";
    if (!h.ended && fence_ == instant{}) return who + " runs without any lease";
    if (!h.ended && h.send_again != never) return who + " is reported before its end";
    if (h.send_again != never && !in_session_) return who + " is sent without a session";
    if (h.ended && in_session_ && h.send_again == never) return who + " is never reported";
    if (h.ended) continue;
    if (runs != nullptr && runs->task == id.task) return who + " runs beside another attempt";
    runs = &id;
  }
  return {};
}

}  // namespace fabric::scheduler
