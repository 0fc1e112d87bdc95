#include <algorithm>
#include <string>

#include "scheduler/calls/book.hpp"

namespace fabric::calls {

namespace {

/// Walks a chain and says what is wrong with it, or counts its calls into `seen`.
std::string broken_chain(const std::vector<call_record>& calls, const chain& c, call_state state,
                         place worker, std::vector<char>& seen) {
  std::size_t n = 0;
  place before = nowhere;
  for (auto at = c.first; at != nowhere; at = calls[at].behind) {
    if (++n > c.size) return "a chain is longer than it says";
    if (calls[at].before != before) return "a chain does not lead back";
    if (calls[at].state != state) return "a call is in a chain of another state";
    if (calls[at].worker != worker) return "a call is in a chain of another worker";
    if (seen[at]++ != 0) return "a call is in two chains";
    before = at;
  }
  if (n != c.size || c.last != before) return "a chain is shorter than it says";
  return {};
}

}  // namespace

std::string book::broken_invariant() const {
  std::vector<char> seen(calls_.size());
  std::vector<std::size_t> batch_calls(batches_.size());
  std::size_t workers = 0;
  std::size_t draining = 0;
  for (const auto& p : pools_) {
    if (auto broken = broken_chain(calls_, p.queue, call_state::queued, nowhere, seen);
        !broken.empty())
      return broken;
    std::size_t placed = 0;
    std::size_t unbegun = 0;
    std::size_t lent = 0;
    std::size_t reclaimed = 0;
    std::uint32_t stuck = 0;
    std::uint32_t counted = 0;
    std::size_t open = 0;
    for (auto at : p.workers) {
      const auto& w = workers_[at];
      const std::pair<const chain*, call_state> chains[] = {{&w.sent, call_state::sent},
                                                            {&w.running, call_state::running},
                                                            {&w.blocked, call_state::blocked},
                                                            {&w.parked, call_state::parked}};
      std::size_t bytes = 0;
      for (const auto& [c, state] : chains)
        if (auto broken = broken_chain(calls_, *c, state, at, seen); !broken.empty()) return broken;
      for (auto c = w.sent.first; c != nowhere; c = calls_[c].behind) bytes += calls_[c].bytes;
      if (bytes != w.bytes) return "a worker miscounts the bytes that were sent";
      if (w.running.size > w.slots) return "a worker runs more calls than it has slots";
      if (find(w.id) != at) return "a worker cannot be found";
      if (w.counts() != w.is_counted) return "a worker is counted wrongly";
      if ((room_of(w) > 0) != (w.open_at != 0)) return "a worker is open without room, or closed";
      if (w.open_at != 0 && p.open[w.open_at - 1] != at)
        return "an open worker is not where it says";
      if (w.is_lent && !w.running.empty()) return "a lent worker runs a call";
      if (w.is_reclaimed && !w.is_lent) return "a worker is reclaimed that is not lent";
      if (!w.is_lent && !w.is_uncertain && w.running.size < w.slots && !w.sent.empty())
        return "a slot is free while a call waits for it";
      placed += w.sent.size + w.running.size;
      unbegun += w.sent.size;
      lent += w.is_lent && !w.is_reclaimed ? 1 : 0;
      reclaimed += w.is_reclaimed ? 1 : 0;
      counted += w.counts() ? 1 : 0;
      stuck += w.is_stuck ? 1 : 0;
      open += w.open_at != 0 ? 1 : 0;
      draining += w.is_draining ? 1 : 0;
      ++workers;
    }
    if (placed != p.placed || unbegun != p.unbegun) return "a pool miscounts its calls";
    if (stuck != p.stuck) return "a pool miscounts its stuck workers";
    if (reclaimed != p.reclaimed) return "a pool miscounts its reclaimed workers";
    if (lent != p.lent || counted != p.counted) return "a pool miscounts its workers";
    if (open != p.open.size()) return "a pool has open workers that are not its own";
    std::size_t choosy = 0;
    for (auto c = p.queue.first; c != nowhere; c = calls_[c].behind) choosy += is_choosy(c) ? 1 : 0;
    if (choosy != p.choosy) return "a pool miscounts its choosy calls";
    if (p.queue.size > choosy && !p.open.empty()) return "calls are queued while a worker has room";
    if (!p.queue.empty() && p.wanted == 0 && p.counted == 0) return "a queue wants no worker";
    if (p.wanted > std::max(workers_needed(p), p.counted)) return "a pool wants too many workers";
  }
  if (workers != worker_places_.size()) return "a worker is in no pool, or in two";
  if (draining != draining_) return "draining workers are miscounted";
  std::size_t open_calls = 0;
  for (place at = 0; at < calls_.size(); ++at) {
    const auto& c = calls_[at];
    const bool is_held = c.worker != nowhere;
    if (c.state != call_state::vacant && !c.is_told) ++open_calls;
    if (c.state != call_state::vacant && c.is_told && !is_held) return "a call is kept for nothing";
    if (c.state >= call_state::queued ? seen[at] != 1 : seen[at] != 0)
      return "a call is in a chain without reason, or in none";
    if (is_held != (c.state >= call_state::sent)) return "a call is held on one side only";
    if (c.state == call_state::waiting && c.waits_for == 0) return "a call waits for nothing";
    if ((c.batch == nowhere) != (c.state <= call_state::announced))
      return "a call has a wrong batch";
    if (c.batch != nowhere) ++batch_calls[c.batch];
  }
  if (open_calls != open_calls_) return "open calls are miscounted";
  for (place b = 0; b < batches_.size(); ++b)
    if (batches_[b].calls != batch_calls[b]) return "a batch miscounts its calls";
  return {};
}

}  // namespace fabric::calls
