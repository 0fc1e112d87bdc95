#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "scheduler/calls/command.hpp"
#include "scheduler/calls/event.hpp"
#include "scheduler/calls/tables.hpp"

namespace fabric::calls {

/// How the book is to behave; fixed for its life.
struct book_settings {
  duration idle_after = std::chrono::seconds{1};        ///< a worker without calls is released
  duration quantum = std::chrono::milliseconds{100};    ///< held this long: given up under pressure
  duration stop_grace = std::chrono::seconds{5};        ///< over a limit: from asking to killing
  duration window_time = std::chrono::milliseconds{2};  ///< of work that a worker has ahead of it
  /// What it takes to start a worker: no further one is wanted for less work.
  duration worker_cost = std::chrono::milliseconds{2};
  std::uint32_t window_max = 4096;         ///< calls that a worker has at a time
  std::size_t window_bytes_max = 1 << 20;  ///< of arguments sent and not begun
  std::uint64_t fetched_per_ms = 100'000;  ///< bytes from host to host, about
  duration near_patience_max = std::chrono::seconds{2};
};

/// The owner's half of function calls: which calls there are, what they wait for, which worker has
/// them, and when they run again. A value: `step` is the only way in; no clock, thread, socket or
/// hidden chance. Same events, same commands.
///
/// Every submitted call is said to be `finished` once. No two attempts of a call overlap: the next
/// one starts after the end of the last one was reported or its worker is certainly gone.
///
/// Cost: O(1) for each call submitted, sent and ended, without allocations once its tables have
/// grown; O(log n) more for a call with a time limit, deadline or retry. O(workers of the pool)
/// where a worker finds nothing to do.
///
/// Not thread-safe.
class book {
 public:
  explicit book(book_settings how = {}) : how_(how) {}

  /// The pool of a shape; the same shape has the same pool.
  pool_id pool_of(const pool_shape& shape);
  [[nodiscard]] const pool_shape& shape_of(pool_id id) const { return pool_at(id).shape; }

  /// An id for a call that is to be submitted. Announced calls may be waited for.
  call_id announce();

  /// Appends to `out`. Events about unknown workers and calls that are over change nothing.
  void step(const event_type& what, instant now, std::vector<command_type>& out);

  /// When `ticked` has something to do; `never` where nothing waits for time.
  [[nodiscard]] instant next_wakeup() const;

  /// Vacant for one that is over, even where its last attempt still runs.
  [[nodiscard]] call_state state_of(call_id id) const;
  [[nodiscard]] std::uint32_t attempt_of(call_id id) const;
  /// Calls that were announced or submitted and are not over.
  [[nodiscard]] std::size_t open_calls() const { return open_calls_; }
  /// Calls whose attempts may still run, those that are over among them.
  [[nodiscard]] std::size_t held_calls() const;
  [[nodiscard]] std::size_t workers() const { return worker_places_.size(); }

  /// The empty string, or the first claim about the state that does not hold. Looks at everything.
  [[nodiscard]] std::string broken_invariant() const;

 private:
  void on(const event::submitted& what);
  void on(const event::worker_ready& what);
  void on(const event::worker_lost& what);
  void on(const event::worker_found& what);
  void on(const event::reported& what);
  void on(const event::recalled& what);
  void on(const event::blocked& what);
  void on(const event::unblocked& what);
  void on(const event::resumed& what);
  void on(const event::reclaimed& what);
  void on(const event::cancel_requested& what);
  void on(const event::pressure& what);
  void on(const event::pool_refused& what);
  void on(const event::closed& what);
  void on(const event::ticked& what);

  // Finding (book.cpp).
  [[nodiscard]] pool_record& pool_at(pool_id id) { return pools_[id.value - 1]; }
  [[nodiscard]] const pool_record& pool_at(pool_id id) const { return pools_[id.value - 1]; }
  pool_record& pool_of_call(place at);
  [[nodiscard]] const call_rules& rules_of(place at) const;
  [[nodiscard]] call_id id_of(place at) const;
  [[nodiscard]] place find(call_id id) const;
  [[nodiscard]] place find(worker_id id) const;
  [[nodiscard]] place find_attempt(place worker, call_id id, std::uint32_t attempt) const;
  void touch(pool_id id);

  // Waiting and queueing (submitting.cpp).
  void depend(place waiter, call_id on);
  void enqueue(place at, bool first);
  void unqueue(place at);
  void settle_waiters();

  // Who gets what (placing.cpp).
  void dispatch(pool_id id);
  void fill(place worker);
  void send(place worker, place at);
  void advance(place worker);
  void begin(place worker, place at);
  void moved(place worker);
  place next_open(pool_record& p) const;
  [[nodiscard]] std::size_t room_of(const worker_record& w) const;
  void update_open(place worker);
  void look_for_work(place worker);
  void lend_if_waiting(place worker);
  void reclaim(place worker);
  void say_wants();
  [[nodiscard]] std::uint32_t workers_needed(const pool_record& p) const;
  void watch(pool_id id);
  void find_stuck(pool_id id);

  // Near their data (nearness.cpp).
  void place_near(pool_record& p);
  [[nodiscard]] place worker_for(pool_record& p, place at, bool may_wait) const;
  [[nodiscard]] bool is_choosy(place at) const { return calls_[at].reads.host != host_id{}; }
  [[nodiscard]] bool would_wait(place at) const;
  [[nodiscard]] bool suits(place worker, place at) const;
  [[nodiscard]] duration patience_for(std::uint64_t bytes) const;
  [[nodiscard]] std::uint32_t share_for(place worker, const worker_record& of) const;
  void waited_for_near(place at);

  // Workers (workers.cpp).
  void measure(place worker, std::size_t calls, duration ran);
  void drain(place worker);
  void rest_or_leave(place worker);
  void remove_worker(place worker);
  void ease_pressure();

  // Ends (ending.cpp).
  void detach(place at);
  void attempt_over(place at, const event::ended_call& what);
  void attempt_lost(place at, bool was_begun);
  void retry_or_finish(place at, ending how, bool may_retry);
  void finish(place at, ending how, call_id origin = {}, data_place made = {});
  void vacate(place at);
  void stop(place at, ending as, bool hard);
  void over_limit(place at, ending as, bool may_run_again);

  // Time (timing.cpp).
  void set_timer(instant due, timer_kind kind, std::uint64_t whose, std::uint32_t attempt = 0);
  void fire(const timer_record& t);
  [[nodiscard]] bool is_of_use(const timer_record& t) const;
  void drop_useless_timers();

  struct woken {
    call_id waiter;
    bool succeeded;
    call_id origin;
    data_place made;
  };

  book_settings how_;
  instant now_{};
  std::vector<command_type>* out_ = nullptr;

  std::vector<call_record> calls_;
  std::vector<place> vacant_calls_;
  std::size_t open_calls_ = 0;
  std::vector<batch_record> batches_;
  std::vector<place> vacant_batches_;
  std::vector<edge_record> edges_;
  std::vector<place> vacant_edges_;
  std::vector<pool_record> pools_;
  std::map<pool_shape, pool_id> pool_ids_;
  std::vector<pool_id> touched_;
  std::vector<worker_record> workers_;
  std::vector<place> vacant_workers_;
  std::unordered_map<worker_id, place> worker_places_;  // only looked up, never walked
  std::vector<timer_record> timers_;                    // a heap, the next due first
  std::uint64_t timers_set_ = 0;
  std::vector<woken> woken_;
  std::size_t draining_ = 0;
  bool is_pressed_ = false;
  pool_id pressed_by_;
  bool is_closed_ = false;
};

}  // namespace fabric::calls
