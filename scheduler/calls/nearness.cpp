#include <algorithm>

#include "scheduler/calls/book.hpp"
#include "scheduler/mutant.hpp"

namespace fabric::calls {

namespace {

/// Calls of a pool that wait for a worker near their data, at a time; those behind go anywhere.
constexpr std::size_t waiting_for_near_max = 64;

}  // namespace

/// As long as it would take to fetch the data: whoever waits in vain needs at most twice the time
/// of one who knows the future (Karlin et al., "Competitive snoopy caching", 1988).
duration book::patience_for(std::uint64_t bytes) const {
  const std::chrono::milliseconds fetching{bytes / std::max<std::uint64_t>(how_.fetched_per_ms, 1)};
  return std::min<duration>(fetching, how_.near_patience_max);
}

bool book::would_wait(place at) const {
  return is_choosy(at) && (now_ < calls_[at].near_until || mutant::is_on("near_for_ever"));
}

/// Whether the worker may have a call that others have, or wait for.
bool book::suits(place worker, place at) const {
  return !would_wait(at) || workers_[worker].host == calls_[at].reads.host;
}

/// How many of another worker's calls an idle one may have: half of them, the last ones, which are
/// handed back first, as far as they suit it.
std::uint32_t book::share_for(place worker, const worker_record& of) const {
  const auto half = (of.sent.size + 1) / 2;
  std::uint32_t suiting = 0;
  for (auto at = of.sent.last; suiting < half && suits(worker, at); at = calls_[at].before)
    ++suiting;
  return suiting;
}

/// One by one, while there are such as wait for the right worker: they are passed by others.
void book::place_near(pool_record& p) {
  std::size_t waiting = 0;
  for (auto at = p.queue.first; at != nowhere && p.choosy > 0 && !p.open.empty();) {
    const auto next = calls_[at].behind;
    const auto worker = worker_for(p, at, waiting < waiting_for_near_max);
    if (worker == nowhere) {
      ++waiting;
    } else {
      send(worker, at);
      touch(workers_[worker].pool);
      advance(worker);
      update_open(worker);
    }
    at = next;
  }
}

/// One of `open`: near its data if there is one. Nowhere while those that are near have no room.
place book::worker_for(pool_record& p, place at, bool may_wait) const {
  if (!is_choosy(at)) return next_open(p);
  const auto is_near = [&](place w) { return workers_[w].host == calls_[at].reads.host; };
  place near = nowhere;
  for (auto w : p.open) {
    if (!is_near(w)) continue;
    near = w;
    if (workers_[w].running.size + workers_[w].sent.size < workers_[w].slots) return w;
  }
  if (near != nowhere) return near;
  const bool is_hopeful =
      std::ranges::any_of(p.workers, [&](place w) { return workers_[w].counts() && is_near(w); });
  const bool waits = may_wait && is_hopeful && would_wait(at);
  return waits || (would_wait(at) && mutant::is_on("near_for_ever")) ? nowhere : next_open(p);
}

/// It goes anywhere now: from the queue, or from behind others to one that is idle.
void book::waited_for_near(place at) {
  const auto id = batches_[calls_[at].batch].pool;
  if (calls_[at].state == call_state::queued) return dispatch(id);
  std::vector<worker_id> idle;
  for (auto w : pool_at(id).workers)
    if (workers_[w].calls() == 0) idle.push_back(workers_[w].id);
  for (auto w : idle) rest_or_leave(find(w));
}

}  // namespace fabric::calls
