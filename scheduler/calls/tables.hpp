#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scheduler/calls/call.hpp"

/// The book's records. They lie in vectors and name each other by place, so that a call costs no
/// allocation of its own.
namespace fabric::calls {

using place = std::uint32_t;
inline constexpr place nowhere = 0xffffffff;

struct call_record {
  std::uint32_t generation = 0;
  call_state state = call_state::vacant;
  ending stop_as = ending::succeeded;  ///< succeeded: nobody asked it to stop
  bool is_known_to_run = false;        ///< the worker's own word
  bool is_told = false;                ///< `finished` was said; it stays until its attempt is over
  place batch = nowhere;
  place worker = nowhere;
  std::uint32_t attempt = 0;
  std::uint32_t failures = 0;
  std::uint32_t losses = 0;
  std::uint32_t waits_for = 0;
  place edges = nowhere;  ///< those that wait for it
  std::uint32_t bytes = 0;
  data_place reads{};
  instant near_until = never;  ///< waits for a worker near that until then; never: not queued yet
  place before = nowhere;      ///< neighbours in the one chain that it is in
  place behind = nowhere;
};

/// Places of calls in an order; a call is in one chain at most.
struct chain {
  place first = nowhere;
  place last = nowhere;
  std::size_t size = 0;

  [[nodiscard]] bool empty() const { return size == 0; }
  void push_back(std::vector<call_record>& calls, place at);
  void push_front(std::vector<call_record>& calls, place at);
  void remove(std::vector<call_record>& calls, place at);
};

/// What the calls of one submission share.
struct batch_record {
  pool_id pool;
  call_rules rules;
  std::size_t calls = 0;  ///< not over yet
};

/// `waiter` waits for the call in whose list this is.
struct edge_record {
  call_id waiter;
  place next = nowhere;
};

struct worker_record {
  worker_id id;
  pool_id pool;
  std::uint32_t slots = 1;
  host_id host;
  std::uint32_t window = 1;  ///< calls that it may have at a time, running ones among them
  chain sent;
  chain running;  ///< at most `slots`
  chain blocked;
  chain parked;
  std::size_t bytes = 0;  ///< of the calls that were sent and have not begun
  bool is_uncertain = false;
  bool is_draining = false;
  bool is_lent = false;
  bool is_stuck = false;       ///< ran without an end for as long as a worker costs
  bool is_reclaimed = false;   ///< lent, and asked for
  std::uint32_t reclaims = 0;  ///< how often; answers to earlier ones are of no use
  bool is_recalling = false;
  bool has_idle_timer = false;
  bool is_counted = false;  ///< in the pool's `counted`
  std::size_t open_at = 0;  ///< 1 + its index in the pool's `open`; 0 where it is not in there
  instant held_since{};
  instant moved_at{};  ///< when a call last began, ended or went on there
  instant idle_since{};

  [[nodiscard]] std::size_t calls() const {
    return sent.size + running.size + blocked.size + parked.size;
  }
  /// It counts as one of the workers that the pool wants.
  [[nodiscard]] bool counts() const {
    return !is_uncertain && !is_draining && (!is_lent || is_reclaimed);
  }
};

struct pool_record {
  pool_shape shape;
  chain queue;
  std::size_t choosy = 0;      ///< calls in there whose data lies somewhere
  std::vector<place> open;     ///< workers that take more calls
  std::vector<place> workers;  ///< all
  std::size_t turn = 0;        ///< whose turn among `open`
  std::size_t placed = 0;      ///< calls sent to or running on its workers
  std::size_t unbegun = 0;     ///< of these, those that were only sent
  std::uint32_t counted = 0;   ///< workers that count against the wish
  std::size_t reclaimed = 0;   ///< lent workers that are asked for
  std::size_t lent = 0;        ///< workers that are lent and not asked for
  std::uint32_t wanted = 0;    ///< as last said
  std::int64_t mean_ns = -1;   ///< of calls that ended; -1 until one has
  std::uint32_t stuck = 0;     ///< workers that were found to be
  bool has_moved = false;      ///< a call began since they were looked at, or may yet prove long
  bool is_watched = false;     ///< they will be looked at: a timer is set
  bool is_touched = false;
};

enum class timer_kind : std::uint8_t {
  deadline,
  backoff,
  time_limit,
  hard_stop,
  idle,
  quantum,
  watch,
  near
};

struct timer_record {
  instant due;
  std::uint64_t number = 0;  ///< makes the order of equal times that of their setting
  timer_kind kind = timer_kind::idle;
  std::uint32_t attempt = 0;
  std::uint64_t whose = 0;  ///< a call's, worker's or pool's id
};

}  // namespace fabric::calls
