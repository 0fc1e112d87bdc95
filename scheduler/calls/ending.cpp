#include "scheduler/calls/book.hpp"
#include "scheduler/mutant.hpp"

namespace fabric::calls {

/// Takes the call from its worker.
void book::detach(place at) {
  auto& c = calls_[at];
  auto& w = workers_[c.worker];
  auto& p = pool_at(w.pool);
  switch (c.state) {
    case call_state::sent:
      w.sent.remove(calls_, at);
      w.bytes -= c.bytes;
      --p.unbegun;
      --p.placed;
      break;
    case call_state::running:
      w.running.remove(calls_, at);
      --p.placed;
      break;
    case call_state::blocked: w.blocked.remove(calls_, at); break;
    case call_state::parked: w.parked.remove(calls_, at); break;
    default: break;
  }
  moved(c.worker);
  touch(w.pool);
  c.worker = nowhere;
}

/// The worker's word on an attempt.
void book::attempt_over(place at, const event::ended_call& what) {
  const auto how = what.how;
  auto& c = calls_[at];
  detach(at);
  const auto stop_as = c.stop_as;
  c.stop_as = ending::succeeded;
  if (c.is_told && !mutant::is_on("zombies_stay")) return vacate(at);
  if (c.is_told) return;
  if (stop_as == ending::cancelled) return finish(at, ending::cancelled);
  if (how == ending::declined && !mutant::is_on("recalled_is_over")) return enqueue(at, true);
  // What it gave after it was told to stop is not what was asked for.
  if (stop_as == ending::timed_out)
    return retry_or_finish(at, ending::timed_out, rules_of(at).retry_timeouts);
  if (how == ending::succeeded) return finish(at, ending::succeeded, {}, what.made);
  retry_or_finish(at, ending::failed, what.may_retry);
}

/// The worker is certainly gone. What it had not begun costs nothing.
void book::attempt_lost(place at, bool was_begun) {
  auto& c = calls_[at];
  detach(at);
  const auto stop_as = c.stop_as;
  c.stop_as = ending::succeeded;
  if (c.is_told) return vacate(at);
  if (stop_as == ending::cancelled) return finish(at, ending::cancelled);
  if (stop_as == ending::timed_out)
    return retry_or_finish(at, ending::timed_out, rules_of(at).retry_timeouts);
  if (was_begun && ++c.losses > rules_of(at).losses_max && !mutant::is_on("losses_unlimited"))
    return finish(at, ending::lost);
  enqueue(at, true);
}

void book::retry_or_finish(place at, ending how, bool may_retry) {
  auto& c = calls_[at];
  const auto& rules = rules_of(at);
  if (!may_retry || ++c.failures > rules.failures_max) return finish(at, how);
  const auto wait = wait_before_retry(rules.backoff, c.failures, id_of(at).value);
  if (wait <= duration{0}) return enqueue(at, true);
  c.state = call_state::backing_off;
  set_timer(now_ + wait, timer_kind::backoff, id_of(at).value, c.attempt);
}

/// Says that the call is over, once. Where an attempt may still run, the call keeps its place until
/// that is over too.
void book::finish(place at, ending how, call_id origin, data_place made) {
  auto& c = calls_[at];
  const auto id = id_of(at);
  out_->push_back(command::finished{id, c.attempt, how, origin});
  c.is_told = true;
  --open_calls_;
  const bool succeeded = how == ending::succeeded;
  const auto first = how == ending::dependency_failed ? origin : id;
  for (auto edge = c.edges; edge != nowhere;) {
    const auto next = edges_[edge].next;
    woken_.push_back({edges_[edge].waiter, succeeded, first, made});
    vacant_edges_.push_back(edge);
    edge = next;
  }
  c.edges = nowhere;
  if (c.worker == nowhere) vacate(at);
}

void book::vacate(place at) {
  auto& c = calls_[at];
  if (c.batch != nowhere && --batches_[c.batch].calls == 0) vacant_batches_.push_back(c.batch);
  c.batch = nowhere;
  c.state = call_state::vacant;
  vacant_calls_.push_back(at);
}

void book::stop(place at, ending as, bool hard) {
  auto& c = calls_[at];
  c.stop_as = as;
  out_->push_back(command::stop{workers_[c.worker].id, id_of(at), c.attempt, hard});
}

void book::on(const event::cancel_requested& what) {
  const auto at = find(what.call);
  if (at == nowhere || (calls_[at].is_told && !mutant::is_on("told_twice"))) return;
  auto& c = calls_[at];
  if (c.worker == nowhere) {
    if (c.state == call_state::queued) unqueue(at);
    if (c.batch != nowhere) touch(batches_[c.batch].pool);
    return finish(at, ending::cancelled);
  }
  if (what.hard) {
    stop(at, ending::cancelled, true);
    return finish(at, ending::cancelled);
  }
  if (c.stop_as != ending::cancelled) stop(at, ending::cancelled, false);
}

/// The time of an attempt, or of the call, is up. Nobody waits any longer, unless it may run again:
/// that has to wait for the end of this attempt.
void book::over_limit(place at, ending as, bool may_run_again) {
  auto& c = calls_[at];
  if (c.worker == nowhere) {
    if (c.state == call_state::queued) unqueue(at);
    touch(batches_[c.batch].pool);
    return finish(at, as);
  }
  if (c.stop_as == ending::succeeded) {
    stop(at, ending::timed_out, false);
    set_timer(now_ + how_.stop_grace, timer_kind::hard_stop, id_of(at).value, c.attempt);
  }
  if (!may_run_again) finish(at, as);
}

void book::on(const event::pool_refused& what) {
  if (what.pool.value == 0 || what.pool.value > pools_.size()) return;
  auto& p = pool_at(what.pool);
  while (!p.queue.empty()) {
    const auto at = p.queue.first;
    unqueue(at);
    finish(at, ending::infeasible);
  }
  p.wanted = 0;
  touch(what.pool);
}

void book::on(const event::closed&) {
  is_closed_ = true;
  for (place at = 0; at < calls_.size(); ++at) {
    auto& c = calls_[at];
    if (c.state == call_state::vacant || c.is_told) continue;
    if (c.state == call_state::queued) unqueue(at);
    if (c.batch != nowhere) touch(batches_[c.batch].pool);
    if (c.worker != nowhere && c.stop_as == ending::succeeded) stop(at, ending::cancelled, false);
    finish(at, ending::closed);
  }
  std::vector<worker_id> idle;
  for (const auto& p : pools_)
    for (auto w : p.workers)
      if (workers_[w].calls() == 0) idle.push_back(workers_[w].id);
  for (auto id : idle) rest_or_leave(find(id));
}

}  // namespace fabric::calls
