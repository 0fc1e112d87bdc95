#include "scheduler/calls/book.hpp"

namespace fabric::calls {

void book::on(const event::submitted& what) {
  if (what.calls.empty()) return;
  place batch = nowhere;
  if (vacant_batches_.empty()) {
    batch = static_cast<place>(batches_.size());
    batches_.emplace_back();
  } else {
    batch = vacant_batches_.back();
    vacant_batches_.pop_back();
  }
  // One more than there are calls, so that the batch outlives those that end at once.
  batches_[batch] = {what.pool, what.rules, what.calls.size() + 1};
  std::size_t after = 0;
  for (const auto& call : what.calls) {
    const auto at = find(call.id);
    const auto own_after = after;
    after += call.after;
    // One that was cancelled before it came here, or came twice.
    if (at == nowhere || calls_[at].state != call_state::announced) {
      --batches_[batch].calls;
      continue;
    }
    auto& c = calls_[at];
    c.batch = batch;
    c.bytes = call.bytes;
    c.reads = call.reads;
    c.state = call_state::waiting;
    if (is_closed_) {
      finish(at, ending::closed);
      continue;
    }
    if (call.is_hopeless) {
      finish(at, ending::dependency_failed);
      continue;
    }
    if (what.rules.deadline > duration{0})
      set_timer(now_ + what.rules.deadline, timer_kind::deadline, call.id.value);
    for (auto i = own_after; i < after; ++i) depend(at, what.after[i]);
    if (c.waits_for == 0 && !what.first) enqueue(at, false);
  }
  // Put in front one by one, the last one would be the first.
  if (what.first)
    for (auto i = what.calls.size(); i > 0; --i) {
      const auto at = find(what.calls[i - 1].id);
      if (at != nowhere && calls_[at].state == call_state::waiting && calls_[at].waits_for == 0)
        enqueue(at, true);
    }
  if (--batches_[batch].calls == 0) vacant_batches_.push_back(batch);
  dispatch(what.pool);
}

void book::depend(place waiter, call_id on) {
  const auto at = find(on);
  if (at == nowhere || calls_[at].is_told || at == waiter) return;
  place edge = nowhere;
  if (vacant_edges_.empty()) {
    edge = static_cast<place>(edges_.size());
    edges_.emplace_back();
  } else {
    edge = vacant_edges_.back();
    vacant_edges_.pop_back();
  }
  edges_[edge] = {id_of(waiter), calls_[at].edges};
  calls_[at].edges = edge;
  ++calls_[waiter].waits_for;
}

void book::enqueue(place at, bool first) {
  auto& p = pool_of_call(at);
  auto& c = calls_[at];
  c.state = call_state::queued;
  first ? p.queue.push_front(calls_, at) : p.queue.push_back(calls_, at);
  touch(batches_[c.batch].pool);
  if (!is_choosy(at)) return;
  ++p.choosy;
  if (c.near_until != never) return;
  c.near_until = now_ + patience_for(c.reads.bytes);
  set_timer(c.near_until, timer_kind::near, id_of(at).value);
}

void book::unqueue(place at) {
  auto& p = pool_of_call(at);
  p.queue.remove(calls_, at);
  p.choosy -= is_choosy(at) ? 1 : 0;
}

/// In a list of its own instead of by recursion: a chain of calls may be long.
void book::settle_waiters() {
  for (std::size_t i = 0; i < woken_.size(); ++i) {
    const auto w = woken_[i];
    const auto at = find(w.waiter);
    if (at == nowhere || calls_[at].state != call_state::waiting) continue;
    if (!w.succeeded) {
      finish(at, ending::dependency_failed, w.origin);
      continue;
    }
    if (w.made.bytes > calls_[at].reads.bytes) calls_[at].reads = w.made;
    if (--calls_[at].waits_for == 0) {
      enqueue(at, false);
      dispatch(batches_[calls_[at].batch].pool);
    }
  }
  woken_.clear();
}

}  // namespace fabric::calls
