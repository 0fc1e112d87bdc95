#include "scheduler/transitions.hpp"

#include <utility>

#include "resources/check.hpp"
#include "scheduler/flows.hpp"
#include "scheduler/mutant.hpp"
#include "scheduler/retry.hpp"

namespace fabric::scheduler {

namespace {

constexpr backoff_policy resend{std::chrono::milliseconds{200}, std::chrono::seconds{5}};

bool is_held(task_state s) { return s == task_state::granted || s == task_state::running; }

/// Takes the attempt off the books and does what `v` says of its task.
void release(state& s, lease& l, const verdict& v) {
  const attempt_id id = l.id;
  auto& j = *s.jobs.find(id.task.job);
  const bool is_unwanted = j.is_cancelled || l.revoked == ending::cancelled;
  const node_id node = l.node;
  const auto askers = drop_lease(s, l);
  ++j.touched(id.task.index)->lost;
  if (is_unwanted) {
    finish_task(s, j, id.task.index, {task_state::cancelled, id.attempt, false, node, {}});
    answer_askers(s, askers, "cancelled");
    return;
  }
  ++s.count.lost_attempts;
  if (v.final)
    finish_task(s, j, id.task.index, {*v.final, id.attempt, false, node, {}});
  else
    requeue_task(s, j, id.task.index, duration{0});
}

}  // namespace

standing standing_of(const state& s, const job_entry& j) {
  const program_id owner = j.what.shape().owner;
  const std::size_t held = owner == program_id{} ? j.held() : s.owned.held_by(owner);
  return standing_of(j, held, s.how.aging);
}

void count_held(state& s, const job_entry& j, std::size_t before) {
  const program_id owner = j.what.shape().owner;
  if (owner == program_id{}) return;
  std::vector<const job_entry*> others;
  for (job_id id : s.owned.of(owner))
    if (const auto* one = s.jobs.find(id); one->is_in_line) others.push_back(one);
  for (const auto* one : others) s.line.of(one->needs).line.leave(standing_of(s, *one));
  s.owned.count_held(owner, before, j.held());
  for (const auto* one : others) s.line.of(one->needs).line.enter(standing_of(s, *one));
}

void leave_line(state& s, job_entry& j) {
  if (!j.is_in_line) return;
  s.line.of(j.needs).line.leave(standing_of(s, j));
  j.is_in_line = false;
}

void enter_line(state& s, job_entry& j) {
  if (j.has_queued() && !j.is_blocked && !j.is_cancelled) {
    s.line.of(j.needs).line.enter(standing_of(s, j));
    j.is_in_line = true;
  }
  if (!s.line.line_changed(j.needs)) return;
  auto& fitting = s.line.of(j.needs).fitting;
  for (const auto& [id, n] : s.nodes.all()) fitting.update(id, score_now(s, j.needs, n));
}

void finish_task(state& s, job_entry& j, std::uint32_t index, final_word word) {
  const task_id id{j.id, index};
  const auto* task = j.touched(index);
  record::task_finished row{id, word.how, word.attempt, word.node, 0, 0, word.report};
  if (task != nullptr) {
    FABRIC_CHECK(s.leases.find(id) == nullptr);
    row.failures = task->failures;
    row.lost = task->lost;
    if (task->state == task_state::backing_off) s.retries.remove(task->due, id);
  }
  if (!word.is_on_record) s.out.keep(std::move(row));
  refile(s, j, [&] {
    j.settle(index, word.how);
    if (word.is_reported) j.progress->served = s.clock;
  });
  ++s.count.finished;
  s.finished.task_done(id, word.how, word.attempt, word.is_reported ? word.attempt : 0);
  say_changed(s, j, index, word.attempt, word.node, std::move(word.report));
  if (word.how != task_state::succeeded) s.spoiled_jobs.push_back(j.id);
  if (j.is_done()) s.done_jobs.push_back(j.id);
}

void requeue_task(state& s, job_entry& j, std::uint32_t index, duration wait) {
  auto* task = j.touched(index);
  FABRIC_CHECK(task != nullptr && is_held(task->state));
  const task_id id{j.id, index};
  refile(s, j, [&] {
    --j.progress->held;
    if (wait > duration{0}) {
      task->state = task_state::backing_off;
      task->due = s.clock + wait;
      s.retries.add(task->due, id);
    } else {
      task->state = task_state::queued;
      j.progress->ready.insert(index);
    }
  });
  s.out.keep(record::task_released{id, task->attempt, task->failures, task->crashes, task->lost});
  say_changed(s, j, index, task->attempt, {});
}

std::vector<event::asker> drop_lease(state& s, const lease& l) {
  auto* n = s.nodes.find(l.node);
  FABRIC_CHECK(n != nullptr && n->held.erase(l.id.task) == 1);
  FABRIC_CHECK(mutant::is_on("inventory_not_released") || n->stock.release(l.id));
  forget_claim(s, *n, l.id.task);
  serve_claims(s, *n);
  mark(s, *n);
  std::vector<event::asker> askers = l.cancel_askers;
  s.leases.erase(l.id.task);
  s.count.held = s.leases.size();
  return askers;
}

void release_as_lost(state& s, lease& l) { release(s, l, {}); }

void release_as_suspect(state& s, lease& l) {
  auto& j = *s.jobs.find(l.id.task.job);
  release(s, l, judge_machine_death(j.what.shape().retry, *j.touched(l.id.task.index)));
}

void revoke_lease(state& s, lease& l, ending because) {
  if (l.revoked == ending::cancelled || l.revoked == because) return;
  l.revoked = because;
  l.sends = 0;
  send_lease(s, l);
}

void send_lease(state& s, lease& l) {
  const auto* n = s.nodes.find(l.node);
  if (!n->session || (l.is_started && !l.revoked)) {
    s.leases.send_again_at(l, never);
    return;
  }
  if (l.revoked)
    s.out.say(command::revoke{n->id, *n->session, l.id, s.how.cancel_grace, *l.revoked});
  else
    s.out.say(
        command::grant{n->id, *n->session, l.id, l.what, l.gpus, n->worker_time, s.how.lease});
  ++l.sends;
  const std::uint64_t seed = s.how.seed ^ std::hash<attempt_id>{}(l.id);
  const bool is_asked_once = mutant::is_on("grant_sent_once") && !l.revoked;
  const duration wait = wait_before_retry(resend, l.sends, seed);
  s.leases.send_again_at(l, is_asked_once ? never : s.clock + wait);
}

void say_changed(state& s, const job_entry& j, std::uint32_t index, attempt_number attempt,
                 node_id node, std::string report) {
  s.out.say(
      command::task_changed{{j.id, index}, j.state_of(index), attempt, node, std::move(report)});
}

void answer_askers(state& s, const std::vector<event::asker>& askers, const std::string& note) {
  for (const auto& to : askers) s.out.say(command::request_done{to, note});
}

void refresh(state& s, node_entry& n) {
  s.nodes.reschedule(n, s.silence());
  for (class_number number : s.line.indexed())
    s.line.of(number).fitting.update(n.id, score_now(s, number, n));
}

void remove_node(state& s, node_entry& n, std::string_view why) {
  const node_id id = n.id;
  if (n.saved_for) stop_saving(s, *n.saved_for);
  for (class_number number : s.line.indexed()) s.line.of(number).fitting.update(id, std::nullopt);
  s.changed_nodes.erase(id);
  s.nodes.erase(id);
  s.out.keep(record::node_forgotten{id});
  s.out.say(command::node_changed{id, why});
}

std::optional<placement_score> score_now(const state& s, class_number number, const node_entry& n) {
  const demand& needs = s.line.of(number).needs;
  if (!n.is_open() || n.held.size() >= s.how.node_attempts_max) return std::nullopt;
  if (n.saved_for && *n.saved_for != number) return std::nullopt;
  if (!n.stock.fits(needs)) return std::nullopt;
  return score_of(s.how.placement, n.stock, needs);
}

bool could_run_somewhere(state& s, class_number number) {
  auto& c = s.line.of(number);
  if (c.witness_version == s.nodes.version()) return c.witness.has_value();
  c.witness_version = s.nodes.version();
  const auto* before = c.witness ? s.nodes.find(*c.witness) : nullptr;
  if (before != nullptr && before->stock.could_ever_fit(c.needs)) return true;
  c.witness.reset();
  for (const auto& [id, n] : s.nodes.all()) {
    if (!n.stock.could_ever_fit(c.needs)) continue;
    c.witness = id;
    break;
  }
  return c.witness.has_value();
}

}  // namespace fabric::scheduler
